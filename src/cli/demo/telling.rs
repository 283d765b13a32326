//! The play on the terminal: what happened line by line, and the account.

use serde_json::{Value, json};

use super::{
    CONNECTIONS,
    killer::{Kill, Moment},
    stage::Stage,
    tale,
    told::{Left, Told, Turn, What},
};
use crate::{
    cli::{Format, given, term},
    model::{MessageKind, Verdict},
    time::{TimeZone, Timestamp},
    web::{Account, Copied, Crash},
};

impl Stage<'_> {
    /// Says who comes, and what will be done to the sender.
    pub(super) fn tell_beginning(&self) {
        if self.format == Format::Json {
            return;
        }
        let people = self.project.samples.len();
        let at = self.start.to_zoned(TimeZone::UTC);
        let at = at.strftime("%A, %-d %B %Y at %H:%M");
        if self.is_crash() {
            term::say(&format!(
                "{people} people, made of the samples, sign up on {at} UTC.\n\
                 The sender is a process of its own with {CONNECTIONS} connections. It is killed again and again (SIGKILL),\n\
                 in the middle of a conversation; second tries are let through. The pages go on meanwhile.\n"
            ));
        } else {
            term::say(&format!(
                "{people} people sign up on {at} UTC, and press the button in the mail that asks them\n"
            ));
        }
    }

    /// Tells what happened while a sender lived that is killed, and how it ended.
    pub(super) fn tell_life(&mut self, new: &[Told]) -> anyhow::Result<()> {
        if self.format == Format::Human {
            let said: Vec<(&Told, String)> = new.iter().map(|told| (told, words(told))).collect();
            self.tell_together(&said)?;
        } else {
            for told in new {
                self.tell_one(told)?;
            }
        }
        let kills = self.killer.kills();
        for kill in &kills[self.kills_told..] {
            self.tell_kill(kill)?;
            tale::kill(&self.tales, kill);
        }
        self.kills_told = kills.len();
        Ok(())
    }

    /// Tells who unsubscribed.
    pub(super) fn tell_leavers(&self, leavers: &[&Told]) -> anyhow::Result<()> {
        if self.format == Format::Json {
            return Ok(());
        }
        let what = "(unsubscribes with one click)".to_owned();
        let said: Vec<(&Told, String)> = leavers.iter().map(|told| (*told, what.clone())).collect();
        self.tell_together(&said)
    }

    pub(super) fn tell_one(&self, told: &Told) -> anyhow::Result<()> {
        if self.format == Format::Human {
            return self.line(told, &words(told));
        }
        let What::Left(left) = &told.what else { return Ok(()) };
        let local = told.at.to_zoned(given::zone(self.zone(told))?);
        let mut line = json!({
            "kind": left.kind.as_str(),
            "campaign": left.campaign,
            "step": left.step,
            "to": told.to.as_str(),
            "at": told.at.to_string(),
            "local": local.strftime("%FT%T%:z").to_string(),
            "message_id": left.message_id,
            "verdict": left.verdict.as_str(),
        });
        if self.is_crash() {
            line["copy"] = Value::Bool(left.turn == Turn::Again);
        }
        Ok(term::data(&line.to_string())?)
    }

    /// What happened to several people in one zone at one time is one line.
    fn tell_together(&self, said: &[(&Told, String)]) -> anyhow::Result<()> {
        let mut groups: Vec<(&Told, &str, usize)> = Vec::new();
        for (told, words) in said {
            let is_like = |other: &Told| other.at == told.at && self.zone(other) == self.zone(told);
            match groups.iter_mut().find(|(other, what, _)| is_like(other) && what == words) {
                Some((_, _, count)) => *count += 1,
                None => groups.push((told, words, 1)),
            }
        }
        for (told, words, count) in groups {
            let who = if count == 1 { self.who(told) } else { format!("{count} people") };
            line(told.at, self.zone(told), (&who, words))?;
        }
        Ok(())
    }

    fn tell_kill(&self, kill: &Kill) -> anyhow::Result<()> {
        let Kill { at, mail, moment } = kill;
        if self.format == Format::Json {
            let moment = match moment {
                Moment::BeforeAnswer => "before the answer",
                Moment::AfterAnswer => "after the answer",
            };
            let kill = json!({"kill": {"at": at.to_string(), "mail": mail, "moment": moment}});
            return Ok(term::data(&kill.to_string())?);
        }
        let what = match moment {
            Moment::BeforeAnswer => format!("is killed after mail {mail}, before its answer"),
            Moment::AfterAnswer => {
                format!("is killed after mail {mail}, with its answer on the way")
            }
        };
        line(*at, "UTC", ("the sender", &what))
    }

    /// The zone of whom it happened to: a confirmation does not know it yet.
    fn zone<'a>(&'a self, told: &'a Told) -> &'a str {
        let own = self.sample(&told.to).and_then(|sample| sample.person.zone.as_deref());
        own.unwrap_or(&told.zone)
    }

    fn who(&self, told: &Told) -> String {
        let sample = self.sample(&told.to);
        sample.map_or(told.to.as_str(), |sample| sample.name.as_str()).to_owned()
    }

    /// One line of the timeline, in the person's own time.
    fn line(&self, told: &Told, what: &str) -> anyhow::Result<()> {
        line(told.at, self.zone(told), (&self.who(told), what))
    }

    /// What it came to.
    pub(super) fn tell_account(&self, account: &Account) -> anyhow::Result<()> {
        let text = match (self.format, account.crash) {
            (Format::Json, _) => summary(account).to_string(),
            (Format::Human, Some(crash)) => ledger(account, crash),
            (Format::Human, None) => format!(
                "\n{} people, {} mails sent, {} skipped, {} left early, {} lost, {} doubled",
                account.people,
                account.sent,
                account.skipped,
                account.left,
                account.lost,
                account.copies.len()
            ),
        };
        Ok(term::data(&text)?)
    }
}

/// What happened, in a few words.
fn words(told: &Told) -> String {
    match &told.what {
        What::Left(Left { subject, turn: Turn::Again, .. }) => format!("{subject}   (once more)"),
        What::Left(Left { kind: MessageKind::Confirmation, subject, .. }) => {
            format!("{subject}   (presses the button)")
        }
        What::Left(Left { subject, verdict: Verdict::Accepted { .. }, .. }) => subject.clone(),
        What::Left(Left { subject, verdict, .. }) => format!("{subject}   [{verdict}]"),
        What::Skipped(_, step) => format!("(skips {step})"),
        What::Trouble(what) => what.clone(),
        What::Exited(_) => "(leaves early: the campaign's exit holds)".to_owned(),
    }
}

/// One line of the timeline, in the time of `zone`.
fn line(at: Timestamp, zone: &str, (who, what): (&str, &str)) -> anyhow::Result<()> {
    let local = at.to_zoned(given::zone(zone)?);
    let when = local.strftime("%a %d %b %H:%M");
    let place = format!("{} {zone}", local.strftime("%:z"));
    Ok(term::data(&format!("{when}  {place:<26}  {who:<14}  {what}"))?)
}

fn summary(account: &Account) -> Value {
    let Some(crash) = account.crash else {
        return json!({"summary": {
            "people": account.people,
            "sent": account.sent,
            "skipped": account.skipped,
            "left": account.left,
            "lost": account.lost,
            "duplicates": account.copies.len(),
        }});
    };
    let copies = account.copies.iter().map(|copy| {
        json!({"message_id": copy.message_id, "to": copy.to, "step": copy.what, "first": copy.first, "mail": copy.mail})
    });
    json!({"summary": {
        "people": account.people,
        "killed": crash.killed,
        "sent": account.sent,
        "arrived": account.arrived,
        "unnoted": account.unnoted,
        "parked": account.parked,
        "skipped": account.skipped,
        "left": account.left,
        "lost": account.lost,
        "different": account.different,
        "copies_max": crash.copies_max,
        "copies": copies.collect::<Vec<Value>>(),
    }})
}

/// The account of a sender that was killed.
fn ledger(account: &Account, crash: Crash) -> String {
    let row = |word: &str, count: usize, note: &str| {
        format!("{word:<9}{count:>4}  {note}").trim_end().to_owned() + "\n"
    };
    let mut text = String::from("\n");
    text += &row("people", account.people, "");
    text += &row("killed", crash.killed, "times, with SIGKILL");
    text += &row("sent", account.sent, "noted in the database");
    text += &row(
        "unnoted",
        account.unnoted,
        "arrived, their sender died, and nobody wanted them any more at the second try",
    );
    text += &row("arrived", account.arrived, "in the catcher");
    text += &row("skipped", account.skipped, "");
    text += &row("left", account.left, "before the end");
    text += &row("parked", account.parked, "not sent, and the database says why");
    text += &row("lost", account.lost, "");
    let bound = format!("of at most {}: one a kill and open connection", crash.copies_max);
    text += &row("copies", account.copies.len(), &bound);
    text += &row(
        "different",
        account.different,
        "all others have the Message-ID, Date and bytes of the first, whose SHA-256 the database has",
    );
    if !account.copies.is_empty() {
        text += "\n";
    }
    for Copied { what, to, message_id, first, mail } in &account.copies {
        let line =
            format!("mail {mail} is mail {first} once more: {what} to {to} <{message_id}>\n");
        text.push_str(&line);
    }
    text
}
