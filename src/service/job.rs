//! A claimed message with the words and the rules that it goes by.

use std::{panic::AssertUnwindSafe, sync::Arc};

use crate::{
    campaign::{Addressee, Edition},
    engine::Rules,
    library::{Applied, Library},
    mail::{Headers, Keys, Purpose, compose},
    model::{Errand, ListId, Message, Outgoing, Progress, Rendered, SignUpId, Site},
    time::{TimeZone, Timestamp},
};

/// A message on its way, with what was worked out about it.
pub(super) struct Job {
    pub(super) message: Message,
    matter: Matter,
}

enum Matter {
    Step { edition: Arc<Edition>, zone: TimeZone },
    Confirmation { applied: Arc<Applied>, sign_up: SignUpId },
}

impl Job {
    /// Looks up what `message` was made with.
    ///
    /// Returns the message and the reason when that cannot be loaded.
    pub(super) async fn load(
        library: &Library,
        message: Message,
    ) -> Result<Job, (Box<Message>, anyhow::Error)> {
        let matter = match &message.errand {
            Errand::Step { .. } => {
                let loaded = library.edition(&message.key.campaign, &message.version).await;
                loaded.map(|edition| {
                    let own = message.frozen.zone.as_deref();
                    let zone = edition.campaign.zone(own, &edition.site.zone);
                    Matter::Step { edition, zone }
                })
            }
            Errand::Confirmation(sign_up) => {
                let loaded = library.project(&message.version).await;
                loaded.map(|applied| Matter::Confirmation { applied, sign_up: *sign_up })
            }
        };
        match matter {
            Ok(matter) => Ok(Job { message, matter }),
            Err(error) => Err((Box::new(message), error)),
        }
    }

    /// What the engine decides by.
    pub(super) fn rules(&self) -> Rules<'_> {
        match &self.matter {
            Matter::Step { edition, zone } => {
                Rules::Step { campaign: &edition.campaign, step: &self.message.key.step, zone }
            }
            Matter::Confirmation { .. } => Rules::Confirmation,
        }
    }

    /// When the message was due.
    pub(super) fn due_at(&self, now: Timestamp) -> Timestamp {
        match &self.message.errand {
            Errand::Step { enrollment, .. } => match &enrollment.progress {
                Progress::Sending { due_at, .. } => *due_at,
                Progress::Waiting { .. } | Progress::Finished | Progress::Stopped(_) => now,
            },
            Errand::Confirmation(_) => self.message.planned_at,
        }
    }

    /// The zone by whose hours the message goes, for whoever shows it.
    pub(super) fn zone_name(&self) -> String {
        let zone = match &self.matter {
            Matter::Step { zone, .. } => zone,
            Matter::Confirmation { applied, .. } => &applied.project.site.zone,
        };
        zone.iana_name().unwrap_or("UTC").to_owned()
    }

    /// Renders and composes; a template that fails or a library that panics
    /// concerns this message only. Returns the subject besides.
    pub(super) fn compose(&self, keys: &Keys) -> Result<(Outgoing, String), String> {
        let compose = || match &self.matter {
            Matter::Step { edition, .. } => self.letter(keys, edition),
            Matter::Confirmation { applied, sign_up } => self.question(keys, applied, *sign_up),
        };
        std::panic::catch_unwind(AssertUnwindSafe(compose))
            .unwrap_or_else(|_| Err("rendering panicked".to_owned()))
    }

    fn letter(&self, keys: &Keys, edition: &Edition) -> Result<(Outgoing, String), String> {
        let message = &self.message;
        let token = keys.token(Purpose::Unsubscribe, message.subscription.0, message.planned_at);
        let unsubscribe_url = format!("{}/u/{token}", edition.site.base_url);
        let addressee = Addressee {
            fields: &message.frozen.fields,
            next: message.frozen.next.as_ref(),
            unsubscribe_url: &unsubscribe_url,
        };
        let rendered = edition.render(&message.key.step, &addressee).map_err(failed)?;
        let list = &edition.campaign.enroll.list;
        Ok(self.wrap(keys, &edition.site, list, (rendered, Some(&unsubscribe_url))))
    }

    fn question(
        &self,
        keys: &Keys,
        applied: &Applied,
        sign_up: SignUpId,
    ) -> Result<(Outgoing, String), String> {
        let message = &self.message;
        let site = &applied.project.site;
        let token = keys.token(Purpose::Confirm, sign_up.0, message.planned_at);
        let confirm_url = format!("{}/c/{token}", site.base_url);
        let list = &message.key.campaign;
        let rendered = applied.project.render_confirmation(list, &confirm_url);
        let rendered = rendered.ok_or("the project has no templates/confirm.mjml")?;
        Ok(self.wrap(keys, site, list, (rendered.map_err(failed)?, None)))
    }

    fn wrap(
        &self,
        keys: &Keys,
        site: &Site,
        list: &ListId,
        (rendered, unsubscribe_url): (Rendered, Option<&str>),
    ) -> (Outgoing, String) {
        let headers = Headers {
            to: &self.message.frozen.email,
            message_id: &self.message.message_id,
            dated_at: self.message.dated_at,
            unsubscribe_url,
            list_id: &keys.list_id(list, site.from.domain()),
        };
        (compose(site, &rendered, &headers), rendered.subject)
    }
}

fn failed(failure: impl std::fmt::Display) -> String {
    format!("rendering failed: {failure}")
}
