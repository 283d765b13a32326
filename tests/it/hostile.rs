//! Project files that are made to hurt: each ends in a finding, soon.

use std::{fmt::Write as _, process::Command};

use crate::world::World;

const SITE: &str = include_str!("../data/campaign/base.case");
const HEAD: &str = "---\nSubject: First\n---\n\n";
const WORDS: &str = "campaigns/course/1-one.md";
const LAYOUT: &str = "templates/plain.mjml";

/// Ends a command after ten seconds, and says how many kB it had at most.
const MEASURED: &str = "
import resource, subprocess, sys
ran = subprocess.run(sys.argv[1:], capture_output=True, timeout=10)
sys.stderr.buffer.write(ran.stderr)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(ran.returncode)
";

/// The most memory of a `check`, in kB.
const MEMORY_MAX: u64 = 256 * 1024;

/// `check` ends within ten seconds and 256 MB with a finding, and does not die.
#[track_caller]
fn check(files: &[(&str, String)], expected: &str) {
    let world = World::empty();
    for section in SITE.split("=== ").skip(1) {
        let (path, text) = section.split_once('\n').expect("a path and a text");
        world.write(path, text);
    }
    for (path, text) in files {
        world.write(path, text);
    }
    bounded(&world, &["check"], expected);
}

/// A command ends with status 1 and a sentence that says `expected`, within
/// ten seconds and 256 MB.
#[track_caller]
pub(crate) fn bounded(world: &World, arguments: &[&str], expected: &str) {
    let command = world.command(arguments);
    let output = Command::new("python3")
        .args(["-c", MEASURED])
        .arg(command.get_program())
        .args(command.get_args())
        .current_dir(world.path())
        .env("NO_COLOR", "1")
        .output()
        .expect("python3 is there");
    let said = String::from_utf8_lossy(&output.stderr);
    let shown: String = said.chars().take(2_000).collect();
    assert_eq!(output.status.code(), Some(1), "{shown}");
    assert!(said.contains(expected), "`{expected}` in {shown}");
    let memory = String::from_utf8_lossy(&output.stdout).trim().parse::<u64>().expect("a number");
    assert!(memory <= MEMORY_MAX, "{memory} kB");
}

fn layout(inside: &str) -> String {
    format!(
        "<mjml><mj-body><mj-section><mj-column>{{{{> body}}}}{inside}{{{{> footer}}}}\
         </mj-column></mj-section></mj-body></mjml>\n"
    )
}

#[test]
fn deep_nesting_is_refused() {
    let deep =
        |open: &str, close: &str, count: usize| open.repeat(count) + "x" + &close.repeat(count);
    check(
        &[(LAYOUT, layout(&deep("<mj-wrapper>", "</mj-wrapper>", 100_000)))],
        "the nesting of tags",
    );
    check(
        &[(WORDS, HEAD.to_owned() + &deep("{{#if city}}", "{{/if}}", 2_000))],
        "the nesting of blocks",
    );
    let calls = deep("(default ", " \"x\")", 3_000);
    check(
        &[(WORDS, format!("---\nSubject: {{{{default {calls} \"x\"}}}}\n---\n\nHi.\n"))],
        "error[E0",
    );
    let chain = vec!["tag:vip"; 100_000].join(" or ");
    let manifest = format!(
        "title = \"C\"\nlayout = \"plain\"\n[enroll]\nlist = \"news\"\nexit = \"{chain}\"\n\
         [[step]]\nid = \"one\"\n[[step]]\nid = \"two\"\n"
    );
    check(&[("campaigns/course/campaign.toml", manifest)], "more than 100 questions");
}

/// Nesting that Markdown allows is flattened, not refused; the other mistake
/// in the file is found all the same.
#[test]
fn deep_markdown_is_read() {
    for words in [
        "**".repeat(40_000) + "a" + &"**".repeat(40_000),
        "> ".repeat(5_000) + "a",
        "- ".repeat(3_000) + "a",
    ] {
        check(&[(WORDS, format!("{HEAD}{words}\n\n{{{{nope}}}}\n"))], "`nope` is not a variable");
    }
}

#[test]
fn a_partial_that_includes_itself_ends() {
    let itself = vec![
        (LAYOUT, layout("{{> again}}")),
        ("templates/partials/again.mjml", "<mj-text>x</mj-text>{{> again}}".repeat(1_000)),
    ];
    check(&itself, "the partial `again` includes itself");
    let circle = vec![
        (LAYOUT, layout("{{> ping}}")),
        ("templates/partials/ping.mjml", "{{> pong}}".repeat(100)),
        ("templates/partials/pong.mjml", "{{> ping}}".repeat(100)),
    ];
    check(&circle, "includes itself");
}

/// Blocks are tried in as many cases as they have arms, not as there are
/// combinations.
#[test]
fn many_blocks_are_not_tried_in_all_combinations() {
    let fields: String = (0..300).fold(String::new(), |mut text, n| {
        let _ = writeln!(text, "[fields.f{n}]");
        text
    });
    let site = SITE.split("=== ").nth(1).expect("fascicle.toml");
    let site = site.split_once('\n').expect("a path and a text").1;
    let blocks: String = (0..300).fold(String::new(), |mut text, n| {
        let _ = write!(
            text,
            "{{{{#if f{n}}}}}{{{{#unless f{}}}}}x{{{{/unless}}}}{{{{/if}}}} ",
            299 - n
        );
        text
    });
    let words = format!("{HEAD}{blocks}{{{{#if f7}}}}{{{{next.title}}}}{{{{/if}}}}\n");
    let files = [("fascicle.toml", format!("{site}\n{fields}")), (WORDS, words)];
    check(&files, "`next.title` is not there for everybody");
}

#[test]
fn partials_do_not_explode() {
    let mut files = vec![(LAYOUT.to_owned(), layout("{{> p0}}"))];
    for n in 0..40 {
        let text = format!("{{{{> p{}}}}}{{{{> p{}}}}}", n + 1, n + 1);
        files.push((format!("templates/partials/p{n}.mjml"), text));
    }
    files.push(("templates/partials/p40.mjml".to_owned(), String::new()));
    let doubled: Vec<(&str, String)> =
        files.iter().map(|(path, text)| (path.as_str(), text.clone())).collect();
    check(&doubled, "the number of partials in this layout");

    let mut files = vec![(LAYOUT.to_owned(), layout("{{> p0}}"))];
    for n in 0..100 {
        let text =
            format!("{}{{{{> p{}}}}}{}", "<mj-text>".repeat(2), n + 1, "</mj-text>".repeat(2));
        files.push((format!("templates/partials/p{n}.mjml"), text));
    }
    files.push(("templates/partials/p100.mjml".to_owned(), String::new()));
    let deep: Vec<(&str, String)> =
        files.iter().map(|(path, text)| (path.as_str(), text.clone())).collect();
    check(&deep, "with all partials in place");
}

#[test]
fn large_files_end_soon() {
    check(
        &[(WORDS, HEAD.to_owned() + &"{{last}}".repeat(500_000) + "{{nope}}")],
        "`nope` is not a variable",
    );
    let headers = (0..350_000).fold(String::new(), |mut text, n| {
        let _ = writeln!(text, "X{n}: y");
        text
    });
    check(
        &[(WORDS, format!("---\nSubject: x\n{headers}---\n\nHi.\n"))],
        "the header block is over the limit",
    );
    check(&[(LAYOUT, layout("") + &"<!--".repeat(1_000_000))], "this comment is never closed");
    check(
        &[(WORDS, HEAD.to_owned() + &"a line of words\n".repeat(500_000))],
        "this file is over the limit",
    );
    check(&[("fascicle.toml", "[[x]]\n".repeat(500_000))], "error[E0");
}

#[test]
fn files_that_are_no_text_are_named() {
    let world = World::founding();
    std::fs::write(
        world.path().join("campaigns/knot-in-lower-back/2-massage.md"),
        [0xff, 0xfe, 0, 1],
    )
    .expect("written");
    let said = world.run(&["check"]);
    assert_eq!(said.status.code(), Some(1));
    assert!(said.stderr.contains("error[E014]: this file is not UTF-8 text"), "{}", said.stderr);
}

/// Signs that come out of entities and escapes stay signs.
#[test]
fn braces_in_the_words_are_no_expressions() {
    let world = World::founding();
    world.write(
        "campaigns/knot-in-lower-back/1-causes.md",
        "---\nSubject: A back\\{{first_name}}\n---\n\n\
         \\{\\{\\{first_name\\}\\}\\} &#123;&#123;#each this&#125;&#125; C:\\{{first_name}} \
         `{ not }` &#123;{{first_name}}&#125;\n",
    );
    let render = |part: &str| {
        world.good(&["render", "knot-in-lower-back/causes", "--sample", "Ada", "--part", part])
    };
    for part in ["html", "text"] {
        let rendered = render(part);
        assert!(rendered.contains("{{{first_name}}} {{#each this}} C:\\Ada"), "{rendered}");
        assert!(rendered.contains("{Ada}"), "{rendered}");
    }
    assert_eq!(render("subject"), "A back\\Ada\n");
}

#[test]
fn what_lies_in_other_things_reaches_the_text_part() {
    let world = World::founding();
    world.write(
        "campaigns/knot-in-lower-back/1-causes.md",
        "---\nSubject: Things\n---\n\n-\n- two\n  1. in\n     it\n\nAfter.\n\n> outer\n>\n> > inner\n\n\
         | a | b |\n|---|---|\n| 1 | 2 |\n\n```\nfn  main() {\n\tx\n}\n```\n\n**bold** and ![a pot](https://example.com/p.png)\n",
    );
    let text =
        world.good(&["render", "knot-in-lower-back/causes", "--sample", "Ada", "--part", "text"]);
    let body = &text[text.find("# Things").expect("a title")..text.find("----").expect("an end")];
    expect_test::expect![[r#"
        # Things

        -
        - two
           1. in it

        After.

        > outer
        >
        > > inner

        a | b
        1 | 2

        fn  main() {
            x
        }

        *bold* and [a pot]

    "#]]
    .assert_eq(body);
}
