//! An article from where a command was told to look: a file, standard input,
//! or an address.

use std::{path::Path, time::Duration};

use anyhow::{Context as _, bail, ensure};

use crate::{
    article::{self, ARTICLE_BYTES_MAX, Article, Given},
    project,
};

/// Whether an address may be followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Web {
    /// The author said `--fetch`.
    Fetch,
    /// Nothing leaves this machine.
    Refuse,
}

/// How long reading an article may take. What the limits let through takes a
/// tenth of it.
const READING_MAX: Duration = Duration::from_secs(10);

/// Loads and reads the article that `name` names.
///
/// Returns an error when it cannot be loaded, is none, or takes too long.
///
/// `keep` names pieces that are content, whatever they look like.
pub(in crate::cli) async fn read(name: &str, web: Web, keep: &[String]) -> anyhow::Result<Article> {
    let (bytes, mut given) = load(name, web).await?;
    given.keep = keep.to_vec();
    let reading = tokio::task::spawn_blocking(move || article::read(&bytes, &given));
    // A network deadline's kin: real time, whatever the clock says.
    let Ok(read) = tokio::time::timeout(READING_MAX, reading).await else {
        bail!("reading {name} takes longer than 10 s; leave a part of it out");
    };
    read?.with_context(|| format!("reading {name}"))
}

/// The article's bytes, and what is known besides.
async fn load(name: &str, web: Web) -> anyhow::Result<(Vec<u8>, Given)> {
    if name.starts_with("http://") || name.starts_with("https://") {
        let may = web == Web::Fetch;
        ensure!(may, "{name} is on the web: say --fetch, and it is fetched from there");
        let fetched = project::fetch(name).await?;
        let given = Given {
            content_type: fetched.content_type,
            url: Some(fetched.url),
            ..Given::default()
        };
        return Ok((fetched.bytes, given));
    }
    let bytes = project::read_at_most(name, ARTICLE_BYTES_MAX as u64)
        .with_context(|| format!("reading {name}"))?;
    let Some(bytes) = bytes else { bail!("{name} has more than 5 MB: no article does") };
    let file = Path::new(name).file_name().and_then(|file| file.to_str());
    let given = Given { name: file.filter(|_| name != "-").map(str::to_owned), ..Given::default() };
    Ok((bytes, given))
}
