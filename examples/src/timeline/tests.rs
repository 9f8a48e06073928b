use super::*;

fn many(kind: Kind, times: impl IntoIterator<Item = u64>) -> Vec<Event> {
    times.into_iter().map(|ms| Event { ms, kind }).collect()
}

fn a_wave(start: u64) -> Vec<Event> {
    let mut events = many(Kind::Sent, start..start + 40);
    events.extend(many(Kind::Expired, start + 300..start + 330));
    events.extend(many(Kind::Held, start + 305..start + 335));
    events.extend(many(Kind::RefreshStarted, [start + 302]));
    events.extend(many(Kind::RefreshFinished, [start + 402]));
    events.extend(many(Kind::Repeated, start + 405..start + 435));
    events.extend(many(Kind::Late, start + 600..start + 610));
    events.extend(many(Kind::Repeated, start + 602..start + 612));
    events.extend(many(Kind::Done, (start + 410..start + 690).step_by(7)));
    events
}

const PLAIN: Style = Style { width: 80, colours: false };

fn two_waves() -> String {
    draw(&[a_wave(50), a_wave(1050)].concat(), &[50, 1050], PLAIN)
}

#[test]
fn two_waves_are_seen_at_a_glance() {
    let expected = "
           wave 1                             wave 2
sent       ▃█▁                                ▇▅                              80
expired    ┊          █▁                      ┊         ▄▆                    60
held       ┊          █▃                      ┊         ▃█                    60
refresh    ┊          ├──┤                    ┊         ├───┤                  2
late       ┊                    █             ┊                   ▃▆          20
repeated   ┊             ▃▇     ▄             ┊             █▂    ▁▃          80
done       ┊             ▂▇▇▇█▇▇▇▇▇▄          ┊             ▅▇▇█▇▇▇▇▇▇        80
          ┴────────────────┴────────────────┴────────────────┴─────────
          0 s              0.5 s            1 s              1.5 s

┊ a wave begins   ├┤ ◆ a refresh   █ most of its row
sent      calls that reached the server
expired   told `token expired`
held      waited for the refresh
refresh   one request renews the token for all
late      told so after the token was renewed
repeated  sent again with the new token
done      answered
";
    let picture = two_waves();
    assert_eq!(picture, expected.trim_start_matches('\n'), "\n{picture}");
}

#[test]
fn nothing_is_a_picture_too() {
    let picture = draw(&[], &[], PLAIN);
    assert_eq!(picture.lines().nth(1).map(str::trim_end), Some(format!("sent{:>76}", 0).as_str()));
}

#[test]
fn a_wide_terminal_has_the_meanings_beside_the_rows() {
    let picture = draw(&a_wave(0), &[0], Style { width: 140, colours: false });
    let sent = picture.lines().nth(1).unwrap_or_default();
    assert!(sent.ends_with("40  calls that reached the server"), "{picture}");
    assert_eq!(picture.lines().count(), 12);
    assert!(picture.lines().all(|line| line.chars().count() <= 140), "{picture}");
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for width in [60, 80, 99, 117, 118, 119, 200] {
        let picture = draw(&a_wave(0), &[0, 600], Style { width, colours: false });
        assert!(picture.lines().all(|line| line.chars().count() <= width), "{width}\n{picture}");
    }
}

#[test]
fn there_is_a_colour_only_where_it_is_welcome() {
    assert!(!two_waves().contains('\u{1b}'));
    let coloured = draw(&a_wave(0), &[0], Style { colours: true, ..PLAIN });
    assert!(coloured.contains("\u{1b}[31m"));
    assert!(wants_colours(true, None));
    assert!(wants_colours(true, Some(OsStr::new(""))));
    assert!(!wants_colours(true, Some(OsStr::new("1"))));
    assert!(!wants_colours(false, None));
}

#[test]
fn the_progress_is_one_line_that_fits() {
    let now = Progress {
        wave: 3,
        waves: 5,
        ended: 612,
        calls: 1000,
        waiting: 41,
        refreshes: 2,
        repeats: 1650,
    };
    assert_eq!(
        progress(&now, PLAIN),
        "wave 3/5 ██████░░░░ 612/1,000 waiting 41 refreshes 2 repeats 1,650"
    );
    let narrow = progress(&now, Style { width: 60, colours: false });
    assert!(narrow.chars().count() <= 60, "{narrow}");
    assert_eq!(progress(&Progress::default(), PLAIN).chars().filter(|c| *c == '█').count(), 0);
}

#[test]
fn a_number_is_read_in_groups_of_three() {
    assert_eq!([0, 999, 1000, 1_234_567].map(thousands), ["0", "999", "1,000", "1,234,567"]);
}
