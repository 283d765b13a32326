//! The founding project, inside the binary: what `init` writes, and what the
//! demo plays where there is no project.

use crate::model::ProjectFiles;

/// Path and text of each file, relative to the project's folder.
macro_rules! files {
    ($($path:literal),+ $(,)?) => {
        [$(($path, include_str!(concat!("../../", $path)))),+]
    };
}

const FILES: [(&str, &str); 28] = files![
    ".fascicle/campaign.schema.json",
    ".fascicle/fascicle.schema.json",
    ".fascicle/newsletter.schema.json",
    ".fascicle/samples.schema.json",
    "fascicle.toml",
    "samples.toml",
    "campaigns/README.md",
    "campaigns/knot-in-lower-back/campaign.toml",
    "campaigns/knot-in-lower-back/article.md",
    "campaigns/knot-in-lower-back/1-causes.md",
    "campaigns/knot-in-lower-back/2-massage.md",
    "campaigns/knot-in-lower-back/3-ql-claw.md",
    "campaigns/knot-in-lower-back/4-strengthening.md",
    "templates/README.md",
    "templates/confirm.mjml",
    "templates/course.mjml",
    "templates/partials/footer.mjml",
    "templates/partials/head.mjml",
    "templates/pages/check-inbox.hbs",
    "templates/pages/confirm.hbs",
    "templates/pages/frame.hbs",
    "templates/pages/left.hbs",
    "templates/pages/notice.hbs",
    "templates/pages/sign-up.hbs",
    "templates/pages/style.css",
    "templates/pages/unsubscribe.hbs",
    "templates/pages/welcome.hbs",
    "templates/words.toml",
];

/// Where to begin, for whoever has a new project and never saw fascicle. (The
/// repository's own readme is about the program.)
const README: &str = include_str!("example/README.md");

/// The files of the founding project, its schemas for editors, and a readme.
pub fn example() -> ProjectFiles {
    let mut files = ProjectFiles::default();
    files.insert("README.md", README.as_bytes());
    for (path, text) in FILES {
        files.insert(path, text.as_bytes());
    }
    files
}
