//! `fascicle screenshot`: pictures of mails, drawn by a browser of this machine.

mod chromium;
mod page;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use anyhow::{Context as _, anyhow, ensure};
use clap::{Args, ValueEnum};
use tokio::task::JoinSet;

use self::{chromium::Browser, page::Frame};
use super::{
    given,
    letters::{self, Named},
    render::DATED_AT,
    run::until_stopped,
    term,
};
use crate::{
    campaign::Project,
    project,
    render::{self, dressed, with_images},
};

/// What mail programs are: no narrower than a watch, no wider than a desk.
const WIDTH_MIN: u32 = 100;
const WIDTH_MAX: u32 = 2_000;
/// Widths of one command.
const WIDTHS_MAX: usize = 8;
/// A taller picture is cut: browsers draw no larger ones.
const HEIGHT_MAX: u32 = 16_000;

#[derive(Args)]
pub(super) struct Arguments {
    /// CAMPAIGN, CAMPAIGN/STEP, NEWSLETTER/ISSUE, or `confirm`
    message: String,
    /// The pretend subscriber of samples.toml
    #[arg(long, value_name = "NAME")]
    sample: Option<String>,
    /// How wide the mail program is, in pixels
    #[arg(long, value_name = "PIXELS", value_delimiter = ',', default_values_t = [360, 600])]
    #[arg(value_parser = clap::value_parser!(u32).range(i64::from(WIDTH_MIN)..=i64::from(WIDTH_MAX)))]
    width: Vec<u32>,
    /// Whether it is light or dark
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [Look::Light, Look::Dark])]
    look: Vec<Look>,
    /// The folder of the pictures; one that is called the same is replaced
    #[arg(long, value_name = "DIR", default_value = "screenshots")]
    out: PathBuf,
    /// The browser; the first Chromium, Chrome or Edge that is found, if not given
    #[arg(long, value_name = "PATH")]
    browser: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
enum Look {
    Light,
    Dark,
}

impl From<Look> for render::Look {
    fn from(look: Look) -> render::Look {
        match look {
            Look::Light => render::Look::Light,
            Look::Dark => render::Look::Dark,
        }
    }
}

/// A picture that is wanted.
#[derive(Debug)]
struct Shot {
    /// `causes-360-light.png`
    file: String,
    frame: Frame,
}

pub(super) async fn run(folder: &Path, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let mut widths = arguments.width.clone();
    widths.sort_unstable();
    widths.dedup();
    ensure!(widths.len() <= WIDTHS_MAX, "--width takes at most {WIDTHS_MAX} widths");
    let mut looks = arguments.look.clone();
    looks.sort_unstable();
    looks.dedup();
    let (_, project) = given::load_clean(folder)?;
    let sample = given::sample(&project, arguments.sample.as_deref())?;
    let letters = letters::all(&project, &arguments.message, &sample, DATED_AT)?;
    let browser = Arc::new(Browser::find(arguments.browser.as_deref()).await?);
    let count = letters.len() * widths.len() * looks.len();
    term::say(&format!("drawing {count} picture{}", if count == 1 { "" } else { "s" }));
    let mut drawing = JoinSet::new();
    for (index, named) in letters.iter().enumerate() {
        let shots = shots(&project, named, (&widths, &looks));
        let (browser, out) = (browser.clone(), arguments.out.clone());
        drawing.spawn(async move { Ok((index, draw(&browser, shots, &out).await?)) });
    }
    let drawn: anyhow::Result<Vec<(usize, Vec<String>)>> = tokio::select! {
        drawn = all_of(&mut drawing) => drawn,
        () = until_stopped() => Err(anyhow!("stopped before all pictures were drawn")),
    };
    // Browsers end before their profiles are taken away.
    drawing.shutdown().await;
    let mut drawn = drawn?;
    drawn.sort_unstable();
    let files: Vec<String> = drawn.into_iter().flat_map(|(_, files)| files).collect();
    term::data(&files.join("\n"))?;
    Ok(ExitCode::SUCCESS)
}

/// What all tasks return, or the first error; then the others end.
async fn all_of<T: 'static>(tasks: &mut JoinSet<anyhow::Result<T>>) -> anyhow::Result<Vec<T>> {
    let mut all = Vec::new();
    while let Some(joined) = tasks.join_next().await {
        all.push(joined.context("a picture's task broke down")??);
    }
    Ok(all)
}

fn shots(project: &Project, named: &Named, (widths, looks): (&[u32], &[Look])) -> Vec<Shot> {
    let html = &named.letter.rendered.html;
    let whole = with_images(html, &project.site.base_url, &project.images);
    let mut shots = Vec::new();
    for width in widths {
        for look in looks.iter().map(|look| render::Look::from(*look)) {
            let file = format!("{}-{width}-{}.png", named.part(), look.as_str());
            let frame = Frame { width: *width, mail: dressed(&whole, look) };
            shots.push(Shot { file, frame });
        }
    }
    shots
}

/// Draws the pictures of one mail into `out`; returns where they are.
async fn draw(browser: &Browser, shots: Vec<Shot>, out: &Path) -> anyhow::Result<Vec<String>> {
    let (files, frames): (Vec<String>, Vec<Frame>) =
        shots.into_iter().map(|shot| (shot.file, shot.frame)).unzip();
    let dom = browser.dom(&page::measuring(&frames)).await?;
    let heights = page::heights(&dom, frames.len()).context("the browser did not measure")?;
    let mut paths = Vec::new();
    for ((file, frame), height) in files.iter().zip(&frames).zip(heights) {
        if height > HEIGHT_MAX {
            term::say(&format!("{file}: cut at {HEIGHT_MAX} px, the mail has {height}"));
        }
        let height = height.clamp(1, HEIGHT_MAX);
        let drawn = browser.picture(&page::picture(frame, height), (frame.width, height)).await;
        let bytes = drawn.with_context(|| format!("drawing {file}"))?;
        let path = out.join(file);
        project::make_folder(out)
            .and_then(|()| project::write_output(&path, &bytes))
            .with_context(|| format!("writing {}", path.display()))?;
        paths.push(path.display().to_string());
    }
    Ok(paths)
}
