//! Any article as a course to play: split, and put into a project of its own,
//! which is in memory only.

use anyhow::{Context as _, bail};

use crate::{
    article::{self, Article, Saved, Setting, Wishes},
    campaign::{self, Project},
    cli::{split, term},
    model::{ProjectFiles, Status},
    project,
};

/// People in four zones, and one who leaves after the second part.
const SAMPLES: &str = include_str!("samples.toml");

/// The list that they sign up for.
const LIST: &str = "course";

/// The project that plays `article`, with the images that were saved.
pub(super) fn project(
    article: &Article,
    saved: &[Saved],
) -> anyhow::Result<(ProjectFiles, Project)> {
    let images = saved.iter().map(|one| (one.source.clone(), one.file.clone())).collect();
    let series = article::series(article, &Wishes { images, ..Wishes::default() });
    let setting = Setting {
        list: LIST.to_owned(),
        layout: "course".to_owned(),
        every: split::every(&series).to_owned(),
        status: Status::Active,
        schema: None,
    };
    let mut files = ProjectFiles::default();
    for (path, bytes) in project::example().iter() {
        if path.starts_with("templates/") {
            files.insert(path.clone(), bytes.clone());
        }
    }
    let site = article.origin.site.as_deref().unwrap_or("Letters");
    files.insert(project::MANIFEST, manifest(&series.title, site).into_bytes());
    files.insert("samples.toml", SAMPLES.as_bytes());
    let folder = format!("campaigns/{}", article::campaign_name(&series.title));
    for made in article::files(article, &series, &setting) {
        files.insert(format!("{folder}/{}", made.name), made.text.into_bytes());
    }
    for image in saved {
        files.insert(format!("{folder}/{}", image.file), image.bytes.as_slice());
    }
    let (project, diagnostics) = campaign::read(&files);
    if diagnostics.has_errors() {
        term::findings(&diagnostics);
        bail!("the series of this article has errors; please report it");
    }
    let mut project = project.context("a project was written, and is none")?;
    let second = series.emails.get(1).and_then(|email| crate::model::Name::parse(&email.id));
    if let Some(sample) = project.samples.iter_mut().find(|sample| sample.name == "Mia") {
        sample.leaves_after = second;
    }
    Ok((files, project))
}

fn manifest(title: &str, site: &str) -> String {
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let short: String = title.chars().take(100).collect();
    format!(
        "[site]\nname = {}\nbase_url = \"http://127.0.0.1:8400\"\nfrom = \"Letters <letters@example.com>\"\n\
         address = \"1 High Street, Leeds LS1 1AA, UK\"\nzone = \"Europe/London\"\n\n\
         [relay]\nhost = \"127.0.0.1\"\nport = 1025\n\n\
         [lists.{LIST}]\ntitle = {}\nconsent = {}\nask = [\"first_name\"]\n\n\
         [fields]\nfirst_name = {{ type = \"text\", max = 60, default = \"there\", label = \"First name\" }}\n",
        quoted(site),
        quoted(&short),
        quoted(&format!("Send me “{short}”, part by part.")),
    )
}
