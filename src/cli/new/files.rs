//! The texts of new files: short, right as they are, and with a word about what
//! can be changed.

use crate::model::Name;

/// A drip's manifest.
pub(super) fn campaign(title: &str, layout: &str, list: &Name) -> String {
    format!(
        r#"#:schema ../../.fascicle/campaign.schema.json
# `fascicle help format` has every key on one page.
title  = "{title}"
status = "draft"                 # active when it may begin
layout = "{layout}"

[enroll]
list = "{list}"
when = "confirmed"               # or tag:NAME, event:NAME, api
# exit = "event:NAME"            # whoever this holds for leaves early

[send]
zone  = "subscriber"             # each person's own clock
days  = ["mon", "tue", "wed", "thu", "fri", "sat"]
hours = "08:00-20:00"
at    = "08:30"                  # where delays in days land
every = "2d"                     # the delay of steps that name none

[[step]]
id = "welcome"                   # its words are in 1-welcome.md; it leaves at once
"#
    )
}

/// A step's words.
pub(super) fn words(subject: &str) -> String {
    format!(
        "---
Subject: {subject}
Preheader: The line that mail programs show after the subject.
---

Hello,

these are the words of the email, in Markdown.

<!-- A comment on lines of its own is not sent. `fascicle help format` shows what else there is:
     buttons, boxes, images; `fascicle help templates` has the variables. -->
"
    )
}

/// `manifest` with one more step at its end; every byte of it stays.
pub(super) fn with_step(manifest: &str, name: &Name, after: Option<&str>) -> String {
    let line_end = if manifest.contains("\r\n") { "\r\n" } else { "\n" };
    let mut text = manifest.to_owned();
    if !text.is_empty() && !text.ends_with('\n') {
        text.push_str(line_end);
    }
    let mut lines = vec![String::new(), "[[step]]".to_owned()];
    match after {
        Some(after) => {
            lines.extend([format!("id    = \"{name}\""), format!("after = \"{after}\"")]);
        }
        None => lines.push(format!("id = \"{name}\"")),
    }
    for line in lines {
        text.push_str(&line);
        text.push_str(line_end);
    }
    text
}

/// A newsletter's manifest.
pub(super) fn newsletter(title: &str, layout: &str, list: &Name) -> String {
    format!(
        r#"#:schema ../../.fascicle/newsletter.schema.json
# `fascicle help format` has every key on one page.
title  = "{title}"
status = "draft"                 # active when it may begin
layout = "{layout}"

[audience]
when = "list:{list}"             # and more conditions: list:{list} and not tag:NAME

[schedule]
cron  = "0 9 1 * *"              # minute, hour, day, month, weekday: the first of each month at nine
zone  = "subscriber"             # each person's own clock, or one like Europe/Berlin
empty = "skip"                   # no issue is ready: skip, or remind you
"#
    )
}

/// A first issue.
pub(super) fn issue() -> String {
    "---
Subject: Hello
Preheader: The line that mail programs show after the subject.
# A draft stays here; of those that are ready, a firing of the schedule takes the oldest.
Status: draft
---

Hello,

these are the words of the first issue, in Markdown.
"
    .to_owned()
}

/// Where a new layout has its head and foot from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Look {
    /// The partials `head` and `footer`.
    OfTheProject,
    /// Its own.
    Plain,
}

/// A layout for steps and issues.
pub(super) fn layout(name: &str, look: Look) -> String {
    let (head, foot) = match look {
        Look::OfTheProject => ("{{> head}}", "{{> footer}}"),
        Look::Plain => (HEAD, FOOT),
    };
    LAYOUT
        .replace("NAME", name)
        .replace("HEAD\n", &format!("{head}\n"))
        .replace("FOOT\n", &format!("{foot}\n"))
}

const LAYOUT: &str = r##"<mjml lang="en">
  <!-- The layout `NAME`. `fascicle help templates` has every variable. -->
  <mj-head>
    <mj-title>{{subject}}</mj-title>
    <mj-preview>{{preheader}}</mj-preview>
HEAD
  </mj-head>
  <mj-body width="600px" background-color="#eef1f0" css-class="page">
    <mj-section css-class="edge" padding="28px 40px 18px">
      <mj-column>
        <mj-text mj-class="masthead" css-class="masthead">{{site.name}}</mj-text>
      </mj-column>
    </mj-section>
    <mj-section css-class="card" background-color="#ffffff" padding="38px 40px 36px">
      <mj-column>
        <mj-text mj-class="h1" css-class="h1"><h1 style="margin:0;font:inherit">{{subject}}</h1></mj-text>
        <!-- The words stand here, directly in a column. -->
        {{> body}}
      </mj-column>
    </mj-section>
    <!-- The way out and the postal address are for everybody: no mail goes without them. -->
FOOT
  </mj-body>
</mjml>
"##;

const HEAD: &str = r##"    <mj-attributes>
      <mj-all font-family="Helvetica, Arial, sans-serif" />
      <mj-text padding="0" font-size="17px" line-height="1.6" color="#1f2a28" />
      <mj-class name="masthead" font-size="19px" font-weight="bold" />
      <mj-class name="h1" padding="0 0 15px" font-size="30px" font-weight="bold" line-height="1.2" />
      <mj-class name="p" padding="9px 0" />
      <mj-class name="h2" padding="25px 0 3px" font-size="22px" font-weight="bold" line-height="1.3" />
      <mj-class name="h3" padding="20px 0 0" font-weight="bold" />
      <mj-class name="list" padding="9px 0 1px" />
      <mj-class name="quote" padding="9px 0 9px 20px" font-style="italic" />
      <mj-class name="callout" padding="16px 20px" container-background-color="#eaf3f0" />
      <mj-class name="small" padding="20px 0 0" font-size="14px" line-height="1.5" color="#566461" />
      <mj-class name="button" align="left" padding="14px 0 16px" background-color="#0b6658" color="#ffffff" font-weight="bold" />
      <mj-class name="divider" padding="22px 0" border-width="1px" border-color="#d5dedb" />
      <mj-class name="image" align="left" padding="12px 0" />
    </mj-attributes>"##;

const FOOT: &str = r##"    <mj-section css-class="edge" padding="24px 40px 40px">
      <mj-column>
        <mj-text font-size="14px" color="#566461">You get this because you asked for “{{list.title}}” from {{site.name}}. <a href="{{unsubscribe_url}}">Unsubscribe</a></mj-text>
        <mj-text font-size="14px" color="#566461">{{site.address}}</mj-text>
      </mj-column>
    </mj-section>"##;
