//! Lists of items, of terms, and tables.

use std::fmt::Write as _;

use dom_query::NodeRef;

use super::{BREAK, Writer};

/// Empty cells that any table may have.
const CELLS_FREE: usize = 1_000;

impl Writer<'_> {
    pub(super) fn list(&mut self, node: &NodeRef<'_>) {
        self.flush();
        let mut number: usize =
            node.attr("start").and_then(|start| start.parse().ok()).unwrap_or(1);
        let mut list = String::new();
        let mut inner = self.inner();
        for item in node.children_it(false) {
            if item.is_text() && item.text().trim().is_empty() {
                continue;
            }
            inner.text.clear();
            if item.has_name("li") {
                inner.children(&item);
            } else {
                inner.node(&item);
            }
            inner.flush();
            let text = inner.text.trim();
            if text.is_empty() {
                continue;
            }
            let mark = if node.has_name("ol") { format!("{number}. ") } else { "- ".to_owned() };
            number += 1;
            let indent = " ".repeat(mark.len());
            for (index, line) in text.lines().enumerate() {
                if index == 0 {
                    list.push_str(&mark);
                } else if !line.is_empty() {
                    list.push_str(&indent);
                }
                list.push_str(line);
                list.push('\n');
            }
        }
        let list = list.trim_end().to_owned();
        if !list.is_empty() {
            self.block(&list);
            // Two lists behind each other stay two.
            self.block("<!-- -->");
        }
    }

    pub(super) fn definitions(&mut self, node: &NodeRef<'_>) {
        self.flush();
        for child in node.children_it(false) {
            if child.has_name("dt") {
                let mut inner = self.inner();
                inner.children(&child);
                inner.flush_into_line();
                let term = inner.line.replace(BREAK, " ").replace("**", "");
                if !term.trim().is_empty() {
                    self.block(&format!("**{}**", term.trim()));
                }
            } else if child.has_name("div") {
                self.definitions(&child);
            } else {
                self.node(&child);
                self.flush();
            }
        }
    }

    /// What folds open is open in a mail.
    pub(super) fn details(&mut self, node: &NodeRef<'_>) {
        self.flush();
        for child in node.children_it(false) {
            if child.has_name("summary") {
                self.heading(&child, "h3");
            } else {
                self.node(&child);
            }
        }
        self.flush();
    }

    pub(super) fn table(&mut self, node: &NodeRef<'_>) {
        self.flush();
        let rows: Vec<Vec<NodeRef<'_>>> = node
            .children_it(false)
            .flat_map(|group| {
                let is_group = ["thead", "tbody", "tfoot"].iter().any(|name| group.has_name(name));
                if is_group { group.children_it(false).collect() } else { vec![group] }
            })
            .filter(|inner| inner.has_name("tr"))
            .map(|row| {
                row.children_it(false)
                    .filter(|cell| cell.has_name("td") || cell.has_name("th"))
                    .collect()
            })
            .filter(|row: &Vec<_>| !row.is_empty())
            .collect();
        let holds_blocks = node.descendants_it().any(|inner| {
            inner.node_name().is_some_and(|name| {
                matches!(
                    &*name,
                    "table" | "pre" | "h1" | "h2" | "h3" | "blockquote" | "figure" | "ul" | "ol"
                )
            })
        });
        let width = rows.iter().map(Vec::len).max().unwrap_or(0);
        let long = rows.iter().flatten().any(|cell| cell.text().split_whitespace().count() > 80);
        // Short rows are filled up; beyond this it is no table any more.
        let cells: usize = rows.iter().map(Vec::len).sum();
        let jagged = width * rows.len() > 4 * cells + CELLS_FREE;
        if holds_blocks || width < 2 || rows.len() < 2 || long || jagged {
            for cell in rows.iter().flatten() {
                let text = cell.text();
                // The numbers of lines beside code.
                let is_gutter = cell.descendants_it().any(|inner| inner.has_name("pre"))
                    && text.split_whitespace().all(|word| word.bytes().all(|c| c.is_ascii_digit()));
                if !is_gutter {
                    self.children(cell);
                    self.flush();
                }
            }
            return;
        }
        let caption = node.children_it(false).find(|inner| inner.has_name("caption"));
        if let Some(caption) = caption {
            self.children(&caption);
            self.flush();
        }
        let mut table = String::new();
        for (index, row) in rows.iter().enumerate() {
            let mut cells: Vec<String> = row.iter().map(|cell| self.cell(cell)).collect();
            cells.resize(width, String::new());
            let _ = writeln!(table, "| {} |", cells.join(" | "));
            if index == 0 {
                let _ = writeln!(table, "|{}", " --- |".repeat(width));
            }
        }
        self.block(table.trim_end());
    }

    fn cell(&self, cell: &NodeRef<'_>) -> String {
        let mut inner = self.inner();
        inner.children(cell);
        inner.flush_into_line();
        inner.line.replace(BREAK, " ").trim().replace('|', "\\|")
    }
}
