//! The images of a campaign, from its folder into its mail.

use std::fs;

use crate::{
    house::House,
    world::{World, root},
};

/// An image of a campaign is in the mail by its hash, and served to anybody;
/// no other file of the project is.
#[tokio::test]
async fn a_campaigns_images_are_in_its_mail_and_nothing_else_is_served() {
    const FOLDER: &str = "campaigns/knot-in-lower-back";
    const GIF: &[u8] = b"GIF89a\x10\0\x10\0 a small one";
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
    let manifest = fs::read(root().join(FOLDER).join("campaign.toml")).expect("a manifest");
    let manifest = fascicle::model::sha256_hex(&manifest);
    for path in [format!("/i/{manifest}.png"), format!("/i/{hash}.svg"), "/i/..%2Fx.png".to_owned()]
    {
        assert_eq!(house.get(&path).await.status, 404, "{path}");
    }
}

/// Large images are told, each and all together.
#[test]
fn images_that_load_slowly_are_told() {
    const FOLDER: &str = "campaigns/knot-in-lower-back";
    let world = World::founding();
    let images = world.path().join(FOLDER).join("images");
    fs::create_dir_all(&images).expect("a folder");
    let image = |name: &str, kilobytes: usize| {
        let bytes = [b"GIF89a\x10\0\x10\0".as_slice(), &vec![b' '; kilobytes * 1000]].concat();
        fs::write(images.join(name), bytes).expect("an image");
    };
    let words = world.read(&format!("{FOLDER}/1-causes.md"));
    let show = |names: &[&str]| {
        let shown: Vec<String> =
            names.iter().map(|name| format!("\n![A back](images/{name})\n")).collect();
        world.write(&format!("{FOLDER}/1-causes.md"), &format!("{words}{}", shown.concat()));
        let said = world.run(&["check"]).stderr;
        let lines = said.lines().filter(|line| line.contains("W120")).map(str::to_owned);
        lines.filter(|line| line.starts_with("warning")).collect::<Vec<_>>()
    };
    for (name, kilobytes) in [("a.gif", 150), ("b.gif", 250), ("c.gif", 1_200)] {
        image(name, kilobytes);
    }
    assert_eq!(show(&["a.gif", "a.gif"]), Vec::<String>::new());
    assert_eq!(show(&["b.gif"]), ["warning[W120]: this image has 250 kB"]);
    let heavy = "warning[W120]: this image has 1200 kB: on the way many will not see it";
    assert_eq!(show(&["c.gif", "a.gif"]), [heavy]);
    let many = ["0.gif", "1.gif", "2.gif", "3.gif", "4.gif", "5.gif"];
    for name in many {
        image(name, 180);
    }
    let together = "warning[W120]: the images of this mail have 1080 kB together";
    assert_eq!(show(&many), [together]);
}
