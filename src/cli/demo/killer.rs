//! Kills the sender, again and again, at the moments that matter.
//!
//! It sits in the mail catcher, in the middle of a session: a mail was taken,
//! and whoever sent it waits for the answer or has just got it. What a sender
//! cannot know when it dies there is all that a second copy can come of.

use std::{
    collections::BTreeSet,
    io,
    process::{Child, ExitStatus},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::{
    mail::{Observer, Sight},
    time::{Clock, Timestamp},
};

/// Mails between two kills: more than a dead sender can have in the air, and
/// fewer than a morning brings.
const GAP_MIN: u64 = 5;
const GAP_MAX: u64 = 23;

/// Where the moments come from; the same seed gives the same ones.
const SEED: u64 = 5;

/// A sender was killed.
#[derive(Clone, Debug)]
pub(super) struct Kill {
    /// By the play's clock.
    pub(super) at: Timestamp,
    /// The mail that was taken last.
    pub(super) mail: usize,
    pub(super) moment: Moment,
}

/// How far the conversation about a mail was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    /// The mail was taken, and its sender never heard.
    BeforeAnswer,
    /// Its sender may have heard, and may have noted it.
    AfterAnswer,
}

/// Whether the next mail that meets the plan is the sender's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Aim {
    Fire,
    /// Second tries are on their way. A message is tried only once more, so
    /// another kill would leave it to its owner.
    Hold,
}

/// Kills the sender that it was given.
#[derive(Clone)]
pub(super) struct Killer(Arc<Mutex<State>>);

struct State {
    clock: Clock,
    dice: Dice,
    aim: Aim,
    /// How many mails must have arrived at the next kill.
    target: usize,
    /// The Message-IDs that arrived: copies do not count.
    known: BTreeSet<String>,
    /// The mail whose answer is the sender's end.
    marked: Option<usize>,
    victim: Option<Child>,
    kills: Vec<Kill>,
}

impl Killer {
    pub(super) fn new(clock: Clock) -> Killer {
        let mut dice = Dice(SEED);
        let target = dice.gap();
        Killer(Arc::new(Mutex::new(State {
            clock,
            dice,
            aim: Aim::Hold,
            target,
            known: BTreeSet::new(),
            marked: None,
            victim: None,
            kills: Vec::new(),
        })))
    }

    /// What the catcher shows every mail to.
    pub(super) fn observer(&self) -> Observer {
        let killer = self.clone();
        Arc::new(move |sight| killer.lock().see(sight))
    }

    pub(super) fn aim(&self, aim: Aim) {
        self.lock().aim = aim;
    }

    /// The sender that runs from now on.
    pub(super) fn take_on(&self, sender: Child) {
        let mut state = self.lock();
        state.marked = None;
        state.victim = Some(sender);
    }

    /// How the sender ended, when it has.
    pub(super) fn bury(&self) -> io::Result<Option<ExitStatus>> {
        let victim = self.lock().victim.take();
        victim.map(|mut sender| sender.wait()).transpose()
    }

    /// Ends the sender when the play is over or broken off. That is no kill.
    pub(super) fn dismiss(&self) {
        let victim = self.lock().victim.take();
        if let Some(mut sender) = victim {
            // It may have ended by itself.
            let _ = sender.kill();
            let _ = sender.wait();
        }
    }

    /// All kills so far.
    pub(super) fn kills(&self) -> Vec<Kill> {
        self.lock().kills.clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn see(&mut self, sight: Sight<'_>) {
        match sight {
            Sight::Kept(caught) => {
                let is_new = caught.message_id().is_none_or(|id| self.known.insert(id));
                let is_time = is_new && self.known.len() >= self.target && self.marked.is_none();
                if !is_time || self.aim == Aim::Hold || self.victim.is_none() {
                    return;
                }
                match self.dice.moment() {
                    Moment::BeforeAnswer => self.kill(caught.number, Moment::BeforeAnswer),
                    Moment::AfterAnswer => self.marked = Some(caught.number),
                }
            }
            Sight::Answered(caught) => {
                if self.marked == Some(caught.number) {
                    self.kill(caught.number, Moment::AfterAnswer);
                }
            }
        }
    }

    /// SIGKILL, as the power does it.
    fn kill(&mut self, mail: usize, moment: Moment) {
        // Who has ended by itself was not killed; whoever waits for it says so.
        let Some(sender) = &mut self.victim else { return };
        if sender.try_wait().is_ok_and(|ended| ended.is_some()) || sender.kill().is_err() {
            return;
        }
        self.marked = None;
        // Until the next one starts.
        self.aim = Aim::Hold;
        self.target = self.known.len() + self.dice.gap();
        self.kills.push(Kill { at: self.clock.now(), mail, moment });
    }
}

/// Numbers that look like chance (`SplitMix64`).
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn gap(&mut self) -> usize {
        let gap = GAP_MIN + self.roll() % (GAP_MAX - GAP_MIN + 1);
        usize::try_from(gap).unwrap_or(usize::MAX)
    }

    /// Two of three before the answer: there a copy is certain.
    fn moment(&mut self) -> Moment {
        if self.roll().is_multiple_of(3) { Moment::AfterAnswer } else { Moment::BeforeAnswer }
    }
}
