//! The open door: sign-up, confirmation, way out, over real HTTP.

use fascicle::{mail::Purpose, model::EmailAddress, time::SignedDuration};

use crate::house::{House, JOIN, START, days, is_confirmation};

#[tokio::test]
async fn a_stranger_signs_up_confirms_and_gets_the_first_part() {
    let house = House::open().await;
    let answer = house.sign_up("ada@example.org").await;
    assert_eq!((answer.status, answer.header("location")), (303, Some("/join/back-care/sent")));
    assert_eq!(house.query("SELECT count(*) FROM subscriber"), 0, "nobody has looked at it yet");
    house.work().await;
    let mails = house.to("ada@example.org");
    assert_eq!(mails.len(), 1);
    assert!(is_confirmation(&mails[0]));
    assert_eq!(mails[0].header("List-Unsubscribe"), None, "there is nothing to leave yet");
    assert_eq!(house.query("SELECT count(*) FROM subscription WHERE state = 'pending'"), 1);

    // Scanners open the link, and what it leads to, in every way.
    let link = house.link(&mails[0], "/c/");
    let before = house.dump();
    for method in ["GET", "HEAD", "GET", "OPTIONS"] {
        house.request(method, &link, "", "").await;
    }
    assert_eq!(house.dump(), before);
    let page = house.get(&link).await;
    assert!(page.body.contains("Yes, sign me up") && page.body.contains("Send me the four-part"));

    let answer = house.post(&link, "").await;
    assert_eq!((answer.status, answer.header("location")), (303, Some(link.as_str())));
    let after = house.dump();
    assert_eq!(house.post(&link, "").await, answer, "said twice");
    assert_eq!(house.dump(), after);
    assert!(house.get(&link).await.body.contains("You are in"));
    house.work().await;
    let mails = house.to("ada@example.org");
    assert_eq!(mails.len(), 2);
    assert!(mails[1].parts()[0].text.contains("Ada"), "the field is theirs now");
    // In their own zone, and with a proof (REQ-140).
    let proof = "SELECT count(*) FROM consent c
                 JOIN sign_up u ON u.id = c.sign_up
                 JOIN subscriber p ON p.zone = 'Asia/Tokyo'
                 JOIN message m ON m.sign_up = u.id AND m.state = 'sent' AND m.message_id IS NOT NULL
                 JOIN snapshot s ON s.hash = u.snapshot
                 WHERE c.kind = 'given' AND c.words = u.words AND u.network = '127.0.0.0/24'
                   AND c.words LIKE 'Send me the four-part%' AND c.source LIKE '%/join/back-care'
                   AND u.asked_at <= c.at";
    assert_eq!(house.query(proof), 1);
}

/// REQ-100: nobody learns from a form who is on the list.
#[tokio::test]
async fn the_answer_is_the_same_for_every_state_of_an_address() {
    let house = House::open().await;
    house.joined("active@example.org").await;
    house.joined("left@example.org").await;
    let mail = house.to("left@example.org").pop().expect("a part");
    assert_eq!(house.post(&house.way_out(&mail), "").await.status, 200);
    house.asked("pending@example.org").await;
    house.suppress("bounced@example.org");
    let caught = house.catcher.caught().len();

    let mut answers = Vec::new();
    for state in ["new", "pending", "active", "left", "bounced"] {
        answers.push(house.sign_up(&format!("{state}@example.org")).await);
        let rows = "SELECT count(*) FROM sign_up WHERE state = 'new'";
        assert_eq!(house.query(rows), 1, "{state}: one row, to be looked at later");
        house.work().await;
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:#?}");
    // What comes of it differs, and only the owner of the mailbox sees it.
    let asked = |state: &str| house.confirmations(&format!("{state}@example.org"));
    assert_eq!(["new", "pending", "active", "left", "bounced"].map(asked), [1, 1, 1, 2, 0]);
    assert_eq!(house.catcher.caught().len(), caught + 2);
    assert_eq!(house.query("SELECT count(*) FROM sign_up WHERE email LIKE 'bounced%'"), 0);
}

/// REQ-101: a form must not be a machine that floods a stranger's mailbox.
#[tokio::test]
async fn a_thousand_posts_for_one_address_make_one_confirmation() {
    for proxies in [&[][..], &["127.0.0.1"][..]] {
        let proxies: Vec<String> = proxies.iter().map(|proxy| format!("{proxy}/32")).collect();
        let proxies: Vec<&str> = proxies.iter().map(String::as_str).collect();
        let house = House::with(&proxies, |text| text).await;
        let stamp = house.get(JOIN).await.hidden("stamp").to_owned();
        house.later(SignedDuration::from_secs(5)).await;
        let body = format!("email=ada@example.org&stamp={stamp}");
        let mut taken = 0;
        for n in 0..1_000 {
            let head = format!("X-Forwarded-For: 198.{}.{}.1\r\n", 18 + n % 2, n / 2 % 250);
            taken += u32::from(house.request("POST", JOIN, &head, &body).await.status == 303);
            if n % 100 == 0 {
                house.work().await;
            }
        }
        house.work().await;
        assert_eq!(house.confirmations("ada@example.org"), 1);
        // Claimed addresses count only where our own proxy wrote them.
        assert_eq!(taken, if proxies.is_empty() { 60 } else { 1_000 });
    }
}

#[tokio::test]
async fn a_mailbox_is_asked_three_times_in_all_whatever_its_spelling() {
    let house = House::open().await;
    let spellings = ["a.d.a@gmail.com", "ada+1@gmail.com", "Ada@googlemail.com", "ada+2@gmail.com"];
    for _ in 0..10 {
        for spelling in spellings {
            house.sign_up(spelling).await;
        }
        house.work().await;
        house.later(days(1)).await;
        house.work().await;
    }
    let all = house.catcher.caught().iter().filter(|mail| is_confirmation(mail)).count();
    assert_eq!(all, 3);
}

/// REQ-102: each filter by itself, and nothing is lost of what was typed.
#[tokio::test]
async fn programs_are_kept_out_and_people_told_why() {
    let house = House::open().await;
    let typed = "email=ada@example.org&field.first_name=Ada&zone=Asia/Tokyo";
    let stamp = house.get(JOIN).await.hidden("stamp").to_owned();
    let check = async |body: String, words: &str| {
        let answer = house.post(JOIN, &body).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert!(answer.body.contains(words), "{words}: {}", answer.body);
        for kept in ["value=\"ada@example.org\"", "value=\"Ada\"", "value=\"Asia/Tokyo\" selected"]
        {
            assert!(answer.body.contains(kept), "{kept}: {}", answer.body);
        }
        answer.hidden("stamp").to_owned()
    };
    let same = check(format!("{typed}&stamp={stamp}"), "faster than people").await;
    assert_eq!(same, stamp, "the time goes on counting");
    house.later(SignedDuration::from_secs(5)).await;
    check(typed.to_owned(), "on another site").await;
    check(format!("{typed}&stamp=AAAA"), "on another site").await;
    let of_leaving = house.keys.token(Purpose::Unsubscribe, 1, START);
    check(format!("{typed}&stamp={of_leaving}"), "on another site").await;
    // The trap: told what it wants to hear.
    let answer = house.post(JOIN, &format!("{typed}&stamp={stamp}&homepage=http://spam")).await;
    assert_eq!((answer.status, answer.header("location")), (303, Some("/join/back-care/sent")));
    // The words changed while the page was open.
    house.apply(|text| text.replace("monthly letter.", "weekly letter.")).await;
    let fresh = check(format!("{typed}&stamp={stamp}"), "have changed since").await;
    house.later(days(2)).await;
    let fresh = check(format!("{typed}&stamp={fresh}"), "open for more than a day").await;
    assert_eq!(house.query("SELECT count(*) FROM sign_up"), 0);
    house.later(SignedDuration::from_secs(5)).await;
    assert_eq!(house.post(JOIN, &format!("{typed}&stamp={fresh}")).await.status, 303);

    let bad = house.post(JOIN, &format!("email=ada%40&stamp={fresh}")).await;
    assert_eq!(bad.status, 422);
    assert!(bad.body.contains("not a whole email address") && bad.body.contains("aria-invalid"));
    let broken = house.post(JOIN, &"x=1&".repeat(200)).await;
    assert_eq!(broken.status, 400);
    let large = house.post(JOIN, &format!("email={}", "x".repeat(100_000))).await;
    assert_eq!(large.status, 400);
}

/// REQ-103: a form must not carry words to strangers.
#[tokio::test]
async fn the_confirmation_says_nothing_of_what_was_typed() {
    let house = House::open().await;
    let stamp = house.get(JOIN).await.hidden("stamp").to_owned();
    house.later(SignedDuration::from_secs(5)).await;
    let body = format!(
        "email=victim@example.org&field.first_name=BUY+http%3A%2F%2Fspam.example&zone=Asia/Tokyo\
         &from=https%3A%2F%2Fspam.example%2Fpage&stamp={stamp}"
    );
    let head = "Referer: https://spam.example/\r\nUser-Agent: spam.example\r\n";
    assert_eq!(house.request("POST", JOIN, head, &body).await.status, 303);
    house.work().await;
    let mail = house.to("victim@example.org").pop().expect("a confirmation");
    let whole = String::from_utf8_lossy(&mail.bytes).to_string();
    let parts: String = mail.parts().iter().map(|part| part.text.clone()).collect();
    assert!(!whole.contains("spam") && !parts.contains("spam") && !parts.contains("BUY"));
    assert_eq!(house.query("SELECT count(*) FROM subscriber WHERE fields != '{}'"), 0);
}

/// Somebody else may have typed it: whoever confirms has the last word.
#[tokio::test]
async fn who_confirms_sees_what_was_typed_and_corrects_it() {
    let house = House::open().await;
    let kept = || {
        house.text("SELECT email || ' ' || COALESCE(zone, '-') || ' ' || fields FROM subscriber")
    };
    let link = house.asked("ADA@example.org").await;
    let page = house.get(&link).await;
    assert!(page.body.contains("name=\"field.first_name\" value=\"Ada\""), "{}", page.body);
    assert!(page.body.contains("value=\"Asia/Tokyo\" selected"), "{}", page.body);
    let body = "field.first_name=&zone=Europe%2FBerlin&field.ql_claw=x";
    assert_eq!(house.post(&link, body).await.status, 303);
    assert_eq!(kept(), "ADA@example.org Europe/Berlin {}");
    assert_eq!(house.text("SELECT zone || fields FROM sign_up"), "Europe/Berlin{}");
}

/// What was known before goes, too, when they take it back.
#[tokio::test]
async fn who_confirms_takes_back_what_was_known() {
    let house = House::open().await;
    let kept = || house.text("SELECT COALESCE(zone, '-') || ' ' || fields FROM subscriber");
    house.joined("ada@example.org").await;
    assert_eq!(kept(), "Asia/Tokyo {\"first_name\":\"Ada\"}");
    let first = house.to("ada@example.org").pop().expect("a part");
    house.post(&house.way_out(&first), "").await;
    house.later(days(2)).await;
    house.sign_up("ada@example.org").await;
    house.work().await;
    let mails = house.to("ada@example.org");
    let link = house.link(mails.last().expect("a question"), "/c/");
    assert_eq!(house.post(&link, "field.first_name=&zone=").await.status, 303);
    assert_eq!(kept(), "- {}");
}

/// A list that is gone takes nobody in; one that was closed keeps its word.
#[tokio::test]
async fn a_list_that_is_gone_confirms_nobody() {
    let house = House::open().await;
    let link = house.asked("ada@example.org").await;
    let closed = "[lists.back-care]\nsign_up = false";
    house.apply(|text| text.replace("[lists.back-care]", closed)).await;
    assert_eq!(house.get(JOIN).await.status, 404);
    assert_eq!(house.get(&link).await.status, 200);
    house
        .apply_with(|files| {
            for path in ["fascicle.toml", "campaigns/knot-in-lower-back/campaign.toml"] {
                let (_, text) = files.find(path).expect("a file");
                let text = String::from_utf8(text.to_vec()).expect("text");
                let text = text.replace("lists.back-care]", "lists.other]");
                files.insert(path, text.replace("\"back-care\"", "\"other\"").into_bytes());
            }
        })
        .await;
    for answer in [house.get(&link).await, house.post(&link, "").await] {
        assert_eq!(answer.status, 410);
    }
    assert_eq!(house.query("SELECT count(*) FROM subscription WHERE state = 'confirmed'"), 0);
}

/// A complaint between the question and the click is the later word.
#[tokio::test]
async fn who_was_suppressed_after_being_asked_is_not_confirmed() {
    let house = House::open().await;
    let link = house.asked("a.d.a@gmail.com").await;
    house.suppress("A.D.A@gmail.com");
    for answer in [house.get(&link).await, house.post(&link, "").await] {
        assert_eq!(answer.status, 410);
    }
    assert_eq!(house.query("SELECT count(*) FROM subscription WHERE state = 'confirmed'"), 0);
}

/// Leaving ends what waited: no mail asks them to come back.
#[tokio::test]
async fn who_leaves_is_not_asked_by_a_form_from_before() {
    let house = House::open().await;
    house.joined("ada@example.org").await;
    let first = house.to("ada@example.org").pop().expect("a part");
    house.execute(
        "INSERT INTO sign_up (id, list, email, email_key, mailbox_key, domain, fields, words, snapshot,
           page, network, agent, asked_at, state)
         SELECT 1, list, email, email_key, mailbox_key, domain, fields, words, snapshot,
           page, network, agent, asked_at, 'new' FROM sign_up",
    );
    house.later(SignedDuration::from_mins(5)).await;
    house.post(&house.way_out(&first), "").await;
    house.work().await;
    assert_eq!(house.query("SELECT count(*) FROM sign_up WHERE state != 'confirmed'"), 0);
    assert_eq!(house.confirmations("ada@example.org"), 1);
}

/// REQ-104: links die, and what nobody answered is forgotten.
#[tokio::test]
async fn an_old_link_confirms_nothing_and_is_forgotten_in_the_end() {
    let house = House::open().await;
    let link = house.asked("ada@example.org").await;
    house.later(days(7) + SignedDuration::from_secs(1)).await;
    for answer in [house.get(&link).await, house.post(&link, "").await] {
        assert_eq!(answer.status, 410);
        assert!(answer.body.contains("href=\"/join/back-care\""), "{}", answer.body);
    }
    assert_eq!(house.query("SELECT count(*) FROM subscription WHERE state = 'confirmed'"), 0);
    house.later(days(22)).await;
    house.work().await;
    assert_eq!(house.query("SELECT count(*) FROM subscriber"), 1, "29 days");
    house.later(days(1)).await;
    house.work().await;
    for table in ["subscriber", "subscription", "sign_up", "message", "attempt"] {
        assert_eq!(house.query(&format!("SELECT count(*) FROM {table}")), 0, "{table}");
    }
    assert_eq!(house.get(&link).await.status, 410);
}

#[tokio::test]
async fn whoever_left_comes_back_only_by_a_new_confirmation_and_reads_on() {
    let house = House::open().await;
    let old = house.asked("ada@example.org").await;
    house.post(&old, "").await;
    house.work().await;
    let first = house.to("ada@example.org").pop().expect("a part");
    house.later(SignedDuration::from_mins(5)).await;
    house.post(&house.way_out(&first), "").await;
    // The old confirmation, within its seven days.
    let answer = house.post(&old, "").await;
    assert!(answer.body.contains("You have left"), "{answer:?}");
    assert_eq!(house.query("SELECT count(*) FROM subscription WHERE state = 'left'"), 1);

    house.later(SignedDuration::from_mins(5)).await;
    let new = house.asked("ada@example.org").await;
    assert_ne!(new, old);
    assert_eq!(house.post(&new, "").await.status, 303);
    assert_eq!(house.query("SELECT count(*) FROM subscription WHERE state = 'confirmed'"), 1);
    assert_eq!(house.query("SELECT count(*) FROM consent"), 3, "given, withdrawn, given");
    house.later(days(30)).await;
    house.work().await;
    while house.service.wait_for_next().await.expect("it waits") {
        house.work().await;
    }
    let mails = house.to("ada@example.org");
    let subjects: Vec<String> = mails
        .iter()
        .filter(|mail| !is_confirmation(mail))
        .filter_map(|mail| mail.header("Subject"))
        .collect();
    let mut once = subjects.clone();
    once.sort();
    once.dedup();
    assert_eq!((subjects.len(), once.len()), (4, 4), "every part once: {subjects:?}");

    // Who complained or bounced needs the owner besides.
    house.suppress("grace@example.org");
    house.sign_up("grace@example.org").await;
    house.work().await;
    assert_eq!(house.to("grace@example.org").len(), 0);
    let grace = EmailAddress::parse("grace@example.org").expect("an address");
    let now = house.clock.now();
    assert!(house.store.release(&grace, Vec::new(), now).await.expect("released"));
    assert!(!house.store.release(&grace, Vec::new(), now).await.expect("released"), "said twice");
    house.sign_up("grace@example.org").await;
    house.work().await;
    assert_eq!(house.to("grace@example.org").len(), 1);
}

/// REQ-090, REQ-091, REQ-105, REQ-117 on every page there is.
#[tokio::test]
async fn every_page_is_safe_to_look_at_and_no_key_opens_another_door() {
    let house = House::with(&[], |text| {
        let private =
            "[lists.staff]\ntitle = \"Staff\"\nconsent = \"x\"\nsign_up = false\n\n[fields]";
        text.replace("[fields]", private)
    })
    .await;
    house.joined("ada@example.org").await;
    let confirm = house.asked("grace@example.org").await;
    let part = house.to("ada@example.org").pop().expect("a part");
    let leave = house.way_out(&part);
    let before = house.dump();
    let pages =
        [JOIN, "/join/back-care/sent", &confirm, &leave, "/pages.css", "/zone.js", "/healthz"];
    for path in pages {
        for method in ["GET", "HEAD"] {
            let answer = house.request(method, path, "", "").await;
            assert_eq!(answer.status, 200, "{method} {path}");
            assert_eq!(answer.header("referrer-policy"), Some("no-referrer"), "{path}");
            assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
            assert_eq!(answer.header("x-robots-tag"), Some("noindex"), "{path}");
            let policy = answer.header("content-security-policy").unwrap_or_default();
            assert!(policy.starts_with("default-src 'none'"), "{path}");
            assert!(!policy.contains("unsafe"), "{path}");
            assert_eq!(answer.header("set-cookie"), None, "{path}");
            let is_asset = path == "/pages.css" || path == "/zone.js";
            let kept = answer.header("cache-control").unwrap_or_default();
            assert_eq!(kept == "no-store", !is_asset, "{path}: {kept}");
        }
    }
    for path in [
        "/",
        "/join",
        "/join/",
        "/join/staff",
        "/join/none",
        "/join/%00",
        "/c/x",
        "/u/x",
        "/c/",
        "/join/staff/sent",
    ] {
        for method in ["GET", "POST", "PUT", "DELETE"] {
            let status = house.request(method, path, "", "email=x@example.org").await.status;
            assert!(matches!(status, 404 | 405), "{method} {path}: {status}");
        }
    }
    // Tokens for each other's doors, and with a bit flipped.
    let swapped = [leave.replace("/u/", "/c/"), confirm.replace("/c/", "/u/")];
    let flipped = [&leave, &confirm].map(|link| {
        let last = if link.ends_with('A') { 'B' } else { 'A' };
        format!("{}{last}", &link[..link.len() - 1])
    });
    for path in swapped.iter().chain(&flipped) {
        assert_eq!(house.post(path, "").await.status, 404, "{path}");
        assert_eq!(house.get(path).await.status, 404, "{path}");
    }
    assert_eq!(house.dump(), before);
}

/// Whatever is typed comes back as text.
#[tokio::test]
async fn what_was_typed_is_never_markup() {
    let house = House::open().await;
    let nasty = "%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E%7B%7Bsite.name%7D%7D";
    let body = format!(
        "email={nasty}&field.first_name={nasty}&zone={nasty}&from=https://x/{nasty}&stamp={nasty}"
    );
    let answer = house.post(JOIN, &body).await;
    assert_eq!(answer.status, 422);
    assert!(!answer.body.contains("<script>alert"), "{}", answer.body);
    assert!(answer.body.contains("&lt;script&gt;alert(1)"), "{}", answer.body);
    assert!(answer.body.contains("{{site.name}}"), "it is not read as a template");
}

/// The project's own words and pages, in another language.
#[tokio::test]
async fn pages_speak_the_projects_words() {
    let house = House::open().await;
    let words = "lang = \"ar\"\ndir = \"rtl\"\n\
                 [sign-up]\nbutton = \"اشترك في {{list.title}}\"\n\
                 [welcome]\nown = \"مرحبا\"\n";
    house
        .apply_with(|files| {
            files.insert("templates/words.toml", words.as_bytes());
            files.insert("templates/pages/welcome.hbs", b"<h1>{{words.own}}</h1>".as_slice());
        })
        .await;
    let page = house.get(JOIN).await;
    assert!(page.body.contains("<html lang=\"ar\" dir=\"rtl\">"), "{}", page.body);
    assert!(page.body.contains("اشترك في Back care course"), "{}", page.body);
    assert!(page.body.contains("Your email address"), "what is not translated is as it was");
    // An edit of pages is no new version of a campaign.
    assert_eq!(house.query("SELECT count(*) FROM campaign_version"), 1);
}

/// REQ-091: mail scanners open every address of every mail, and what those
/// pages lead to.
#[tokio::test]
async fn looking_at_every_address_of_every_mail_changes_nothing() {
    let house = House::open().await;
    house.joined("ada@example.org").await;
    house.asked("grace@example.org").await;
    house.later(days(3)).await;
    house.work().await;
    let base = format!("http://{}", house.host);
    let mut open: Vec<String> = Vec::new();
    for mail in house.catcher.caught() {
        let mut text = mail.unsubscribe_url().unwrap_or_default();
        for part in mail.parts() {
            text.push(' ');
            text.push_str(&part.text);
        }
        open.extend(addresses(&text, &base));
    }
    assert!(open.iter().any(|path| path.starts_with("/c/")));
    assert!(open.iter().any(|path| path.starts_with("/u/")));
    let before = house.dump();
    let mut seen = std::collections::BTreeSet::new();
    while let Some(path) = open.pop() {
        if !seen.insert(path.clone()) {
            continue;
        }
        for method in ["HEAD", "GET"] {
            let answer = house.request(method, &path, "", "").await;
            assert_eq!(answer.status, 200, "{method} {path}");
            open.extend(addresses(&answer.body, ""));
        }
    }
    assert!(seen.contains("/pages.css") && seen.len() >= 4, "{seen:?}");
    house.work().await;
    assert_eq!(house.dump(), before);
}

/// The paths of `text` that begin with `base`, as they stand in attributes,
/// in headers and between words.
fn addresses(text: &str, base: &str) -> Vec<String> {
    let words = text.split(|c: char| c.is_whitespace() || "\"'<>()".contains(c));
    let paths = words.filter_map(|word| word.strip_prefix(base));
    let ours = ["/join/", "/c/", "/u/", "/pages.css", "/zone.js"];
    paths
        .filter(|path| ours.iter().any(|start| path.starts_with(start)))
        .map(str::to_owned)
        .collect()
}
