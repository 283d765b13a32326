//! The images of a campaign, from its folder into its mail.

use crate::{house::House, world::root};

/// An image of a campaign is in the mail by its hash, and served to anybody;
/// no other file of the project is.
#[tokio::test]
async fn a_campaigns_images_are_in_its_mail_and_nothing_else_is_served() {
    const FOLDER: &str = "campaigns/knot-in-lower-back";
    const GIF: &[u8] = b"GIF89a not looked into";
    let house = House::open().await;
    house
        .apply_with(|files| {
            let path = format!("{FOLDER}/1-causes.md");
            let (_, words) = files.find(&path).expect("the words");
            let words = String::from_utf8(words.to_vec()).expect("text");
            files.insert(path, format!("{words}\n![A muscle](images/a.gif)\n").into_bytes());
            files.insert(format!("{FOLDER}/images/a.gif"), GIF);
        })
        .await;
    let hash = fascicle::model::sha256_hex(GIF);
    house.joined("ada@example.org").await;
    let part = house.to("ada@example.org").pop().expect("a part");
    let html = part.parts().into_iter().find(|part| part.content_type == "text/html");
    let address = format!("http://{}/i/{hash}.gif", house.host);
    assert!(html.expect("HTML").text.contains(&format!("src=\"{address}\"")));
    for method in ["GET", "HEAD"] {
        let answer = house.request(method, &format!("/i/{hash}.gif"), "", "").await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-type"), Some("image/gif"));
        let kept = answer.header("cache-control").unwrap_or_default();
        assert!(kept.contains("immutable"), "{kept}");
    }
    let manifest = std::fs::read(root().join(FOLDER).join("campaign.toml")).expect("a manifest");
    let manifest = fascicle::model::sha256_hex(&manifest);
    for path in [format!("/i/{manifest}.png"), format!("/i/{hash}.svg"), "/i/..%2Fx.png".to_owned()]
    {
        assert_eq!(house.get(&path).await.status, 404, "{path}");
    }
}
