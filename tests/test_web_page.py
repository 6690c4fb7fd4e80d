"""The page of `nw serve`, in headless Chromium, over a small library of real files behind the real server."""

import re
import shutil
from pathlib import Path

import library_of_tones
import pytest
from served import HOSTILE, serving

pytestmark = pytest.mark.slow

playwright = pytest.importorskip("playwright.sync_api", reason="needs pip install playwright")
expect = playwright.expect
expect.set_options(timeout=60_000)  # a page waits for models, on any machine
CHROMIUM = shutil.which("chromium")
if CHROMIUM is None:
    pytest.skip("needs the browser: apt-get install chromium", allow_module_level=True)

CARD = "article.card"


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def complaints():
    """What the pages wrote to the console as wrong."""
    return []


@pytest.fixture
def visit(browser, address, complaints):
    """Open the page; afterwards nothing may have gone wrong in it, and nothing may have left its origin."""
    contexts, asked = [], []

    def open_page(path="", **options):
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("console", lambda said: said.type in ("error", "warning") and complaints.append(said.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(dialog.message))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(address + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []
    assert [url for url in asked if not url.startswith((address, f"blob:{address}", "data:"))] == []


@pytest.fixture
def page(visit):
    return visit()


def search(page, text):
    """Type `text` and wait for its answer."""
    with page.expect_response(lambda answer: "api/search" in answer.url and answer.status == 200):
        page.get_by_role("searchbox").fill(text)
    expect(page.locator("#count")).to_contain_text(" in ")
    return titles(page)


def titles(page):
    return page.locator(f"{CARD} h2").all_inner_texts()


def where(page, title):
    return page.locator(CARD).filter(has=page.get_by_role("heading", name=title, exact=True))


def expect_playing(page, earliest, latest):
    """Wait until the player shows a second between these two."""
    seconds = range(int(earliest), int(latest) + 1)
    shown = "|".join(f"{second // 60}:{second % 60:02}" for second in seconds)
    expect(page.locator("#player .time").first).to_have_text(re.compile(f"^({shown})$"))


def test_an_empty_page_says_what_is_there_and_offers_examples(page):
    expect(page.locator("#welcome")).to_contain_text("8 songs, 4 with lyrics")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.locator(".example").nth(1).click()
    expect(page.locator(CARD).first).to_be_visible()
    expect(page.get_by_role("searchbox")).to_have_value("a song about robots and machines")


def test_results_come_as_one_types_and_the_address_keeps_them(page):
    page.keyboard.type("a song about robots and machines", delay=20)
    expect(page.locator(f"{CARD} h2").first).to_have_text("Rivets")
    expect(page.locator("#count")).to_contain_text("8 songs in")
    expect(page).to_have_url(page.url.split("?")[0] + "?q=a+song+about+robots+and+machines")
    page.reload()
    expect(page.locator(f"{CARD} h2").first).to_have_text("Rivets")
    page.go_back()
    expect(page.locator("#welcome")).to_be_visible()


def test_an_answer_that_comes_late_is_not_shown(page):
    held = []
    page.route("**/api/search?q=sailing**", lambda route: held.append(route))
    with page.expect_request("**/api/search?q=sailing**"):
        page.get_by_role("searchbox").fill("sailing the ocean")
    page.get_by_role("searchbox").fill("a song about robots and machines")
    expect(page.locator(f"{CARD} h2").first).to_have_text("Rivets")
    held[0].continue_()
    page.wait_for_timeout(700)
    assert titles(page)[0] == "Rivets"


def test_a_line_and_a_waveform_play_from_there(page):
    search(page, "sailors are singing on the deck")
    card = where(page, "Harbour")
    expect(card.locator(".wave")).to_have_class("wave drawn")
    card.locator("button.line").click()
    expect(page.get_by_role("button", name="Pause").last).to_be_visible()
    expect_playing(page, 2, 4)
    box = card.locator(".wave").bounding_box()
    card.locator(".wave").click(position={"x": box["width"] * 0.75, "y": box["height"] / 2})
    expect_playing(page, 8, 11)  # three quarters of twelve seconds, and on from there
    expect(card.get_by_role("slider")).to_have_attribute("aria-valuemax", "12")


def test_the_moment_plays_from_where_it_begins(page):
    with page.expect_response("**/api/search**") as answered:
        page.get_by_role("searchbox").fill("drums")
    hit = next(hit for hit in answered.value.json()["hits"] if hit["moment_s"])
    card = page.locator(f'{CARD}[data-id="{hit["id"]}"]')
    card.locator(".moment").click()
    expect(card.locator(".moment")).to_have_text("Pause")
    expect_playing(page, max(hit["moment_s"][0] - 1, 0), hit["moment_s"][0] + 3)


def test_a_song_that_is_found_for_its_words_plays_from_its_line(page):
    search(page, "sailors are singing on the deck")
    card = where(page, "Harbour")
    expect(card.locator(".moment")).to_have_text("Play the moment 0:02")
    card.focus()
    page.keyboard.press("Enter")
    expect(card.locator(".moment")).to_have_text("Pause")
    expect_playing(page, 2, 4)


def test_arrows_go_back_and_forth_in_what_plays(page):
    search(page, "drums")
    page.locator(CARD).first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Pause").last).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect_playing(page, 5, 8)
    page.keyboard.press("ArrowLeft")
    expect_playing(page, 0, 3)


def test_the_list_plays_on_and_can_be_walked_through(page):
    first, second, *_ = search(page, "drums")
    page.locator(CARD).first.focus()
    page.keyboard.press("Enter")
    player = page.locator("#player")
    expect(player.locator("strong")).to_have_text(first)
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("n")
    expect(player.locator("strong")).to_have_text(second)
    player.get_by_role("button", name="Previous song").click()
    expect(player.locator("strong")).to_have_text(first)
    expect(player.get_by_role("button", name="Previous song")).to_be_disabled()


def test_up_next_shows_what_plays_on_after_another_search_too(page):
    first, second, *others = search(page, "drums")
    page.locator(CARD).first.locator(".moment").click()
    search(page, "a song about robots and machines")
    page.get_by_role("button", name="Up next").click()
    queue = page.get_by_role("dialog", name="Up next")
    expect(queue.locator("#queue-count")).to_have_text(f"{len(others) + 1} more songs after this one")
    expect(queue.locator("strong")).to_have_text([first, second, *others])
    expect(queue.locator("[aria-current]")).to_contain_text(first)
    queue.get_by_role("button", name=second).click()
    expect(queue.locator("[aria-current]")).to_contain_text(second)
    page.keyboard.press("Escape")
    expect(page.locator("#player strong")).to_have_text(second)


def test_words_in_quotation_marks_that_no_song_has_are_named_as_the_reason(page):
    with page.expect_response(lambda answer: "api/search" in answer.url):
        page.get_by_role("searchbox").fill('"stands nowhere"')
    expect(page.locator("#message")).to_contain_text("must be written in a song")


def test_media_keys_play_and_pause_and_walk_the_list(visit):
    page = visit()
    first, second, *_ = search(page, "drums")
    page.evaluate(
        """() => {
          const session = navigator.mediaSession, set = session.setActionHandler.bind(session);
          window.keys = {};
          session.setActionHandler = (key, act) => { window.keys[key] = act; set(key, act); };
        }"""
    )
    page.locator(CARD).first.locator(".moment").click()
    player = page.locator("#player")

    def press(key, then):
        page.evaluate("key => window.keys[key]({ action: key })", key)
        page.wait_for_function("said => navigator.mediaSession.playbackState === said", arg=then)

    page.wait_for_function("() => navigator.mediaSession.playbackState === 'playing'")
    press("pause", "paused")
    press("pause", "paused")
    expect(player.get_by_role("button", name="Play", exact=True)).to_be_visible()
    press("play", "playing")
    press("nexttrack", "playing")
    expect(player.locator("strong")).to_have_text(second)
    press("previoustrack", "playing")
    expect(player.locator("strong")).to_have_text(first)
    press("stop", "none")
    expect(player).to_be_hidden()


def test_the_volume_is_kept(page):
    search(page, "drums")
    page.locator(CARD).first.locator(".moment").click()
    page.locator("#player").get_by_role("slider", name="Volume").fill("30")
    page.reload()
    search(page, "drums")
    page.locator(CARD).first.locator(".moment").click()
    expect(page.locator("#player").get_by_role("slider", name="Volume")).to_have_value("30")


def test_every_card_says_its_score_and_what_it_is_made_of(page):
    search(page, "sailors are singing on the deck")
    card = where(page, "Harbour")
    expect(card.locator(".total")).to_have_attribute("aria-label", re.compile(r"^score \d+ of 100"))
    assert card.locator(".score span").all_inner_texts() == ["sound", "words", "names"]
    expect(card.locator(".about")).to_contain_text("music/Harbour.wav")


def test_of_a_choice_every_card_says_what_it_answers(page):
    search(page, "robots or sailors")
    expect(page.locator("#read-as")).to_contain_text("the best of each by turns")
    answered = page.locator("article.card .wish").all_text_contents()
    assert set(answered) == {"robots", "sailors"}


def test_as_many_songs_are_shown_as_the_request_names(page):
    search(page, "two loud songs")
    expect(page.locator("article.card")).to_have_count(2)
    expect(page.locator("#read-as")).to_contain_text("2 songs")


def test_a_slash_that_leads_to_the_search_is_no_part_of_it(page):
    page.get_by_role("searchbox").focus()
    page.keyboard.type("/drums")
    expect(page.get_by_role("searchbox")).to_have_value("drums")


def test_less_like_this_by_key(page):
    first = search(page, "drums")[0]
    page.locator(CARD).first.focus()
    with page.expect_response("**/api/search**"):
        page.keyboard.press("l")
    expect(page.locator(f"{CARD} h2").first).not_to_have_text(first)


def test_one_side_alone_can_be_asked(page):
    search(page, "sailors are singing on the deck")
    expect(where(page, "Harbour").get_by_role("img", name="words")).to_be_visible()
    with page.expect_response("**/api/search**") as answered:
        page.get_by_text("Sound", exact=True).click()
    assert "by=sound" in answered.value.url
    expect(page.get_by_role("img", name="words: nothing")).to_have_count(page.locator(CARD).count())
    assert "by=sound" in page.url


def test_a_clip_dropped_on_the_page_finds_songs_like_it(page, tmp_path):
    made = tmp_path / "made"
    library_of_tones.make(made)
    sound = list((made / "Anvil.wav").read_bytes())
    with page.expect_response("**/api/similar**"):
        page.evaluate(
            """(bytes) => {
              const carried = new DataTransfer();
              carried.items.add(new File([new Uint8Array(bytes)], "clip.wav", { type: "audio/wav" }));
              const how = { dataTransfer: carried, bubbles: true, cancelable: true };
              for (const kind of ["dragenter", "dragover", "drop"])
                document.body.dispatchEvent(new DragEvent(kind, how));
            }""",
            sound,
        )
    expect(page.locator(f"{CARD} h2").first).to_have_text("Anvil")


def test_more_and_less_like_this_change_the_results(page):
    before = search(page, "music")
    first = before[0]
    where(page, first).get_by_role("button", name="More like this").click()
    expect(page.locator("#chips")).to_contain_text(f"more like {first}")
    expect(page.locator(f"{CARD} h2").last).to_have_text(first)  # what one knows already comes last
    where(page, titles(page)[1]).get_by_role("button", name="Less like this").click()
    expect(page.locator("#chips li")).to_have_count(3)
    page.get_by_role("button", name="Clear all").click()
    expect(page.locator(f"{CARD} h2").first).to_have_text(before[0])


def test_filters_narrow_and_their_chips_widen_again(page):
    search(page, "music")
    where(page, "Harbour").get_by_role("button", name="Only songs tagged folk").click()
    expect(page.locator(f"{CARD} h2")).to_have_text(["Harbour"])
    page.get_by_role("button", name="Remove: tag folk").click()
    expect(page.locator(CARD)).to_have_count(8)
    page.get_by_role("button", name="Filters").click()
    page.get_by_label("From year").fill("1999")
    page.get_by_label("To year").fill("1999")
    page.get_by_label("Has lyrics").check()
    expect(page.locator(f"{CARD} h2")).to_have_text(["Sunday Dog"])
    page.get_by_label("Tag", exact=True).fill("folk")
    page.keyboard.press("Enter")
    expect(page.locator("#message")).to_contain_text("Nothing fits")
    page.get_by_role("button", name="Clear the filters").click()
    expect(page.locator(CARD)).to_have_count(8)


def test_a_list_can_be_put_in_the_order_of_a_playlist(page):
    search(page, "music")
    page.get_by_role("button", name="Filters").click()
    with page.expect_response(lambda answer: "sequence=1" in answer.url) as asked:
        page.get_by_role("checkbox", name="Like a playlist").check()
    order = [song["title"] for song in asked.value.json()["hits"]]
    expect(page.locator(f"{CARD} h2")).to_have_text(order)
    with page.expect_response(lambda answer: "sequence" not in answer.url):
        page.get_by_role("button", name="Remove: like a playlist").click()
    expect(page.get_by_role("checkbox", name="Like a playlist")).not_to_be_checked()


def test_html_in_a_title_is_text(page):
    assert HOSTILE in search(page, "music")
    card = page.locator(CARD).filter(has_text="Whistle")
    assert card.locator("b, img[src=x]").count() == 0
    card.get_by_role("button", name="More like this").click()
    expect(page.locator("#chips")).to_contain_text(HOSTILE)


def test_a_playlist_is_exported_saved_opened_and_deleted(page):
    search(page, "sailing the ocean")
    with page.expect_download() as started:
        page.get_by_role("link", name="Export").click()
    assert started.value.suggested_filename == "sailing-the-ocean.m3u8"
    text = Path(started.value.path()).read_text()
    assert text.startswith("#EXTM3U")
    assert "Harbour" in text
    page.get_by_role("button", name="Save playlist").click()
    page.get_by_label("Save this search as").fill("At sea & <b>home")
    page.get_by_role("button", name="Save", exact=True).click()
    row = page.locator("#playlist-list li").filter(has_text="At-sea-&-bhome")
    expect(row).to_be_visible()
    page.keyboard.press("Escape")
    search(page, "robots")
    page.get_by_role("button", name="Playlists").click()
    row.locator(".name").click()
    expect(page.get_by_role("searchbox")).to_have_value("sailing the ocean")
    page.get_by_role("button", name="Playlists").click()
    row.get_by_role("button", name="Delete").click()
    expect(page.locator("#playlist-list")).to_contain_text("None yet")


def test_a_clip_finds_songs_that_sound_like_it(page, tmp_path):
    library_of_tones.make(tmp_path / "clips")
    page.locator("#clip").set_input_files(tmp_path / "clips" / "Anvil.wav")
    expect(page.locator("#chips")).to_contain_text("sounds like Anvil.wav")
    expect(page.locator(f"{CARD} h2").first).to_have_text("Anvil")


def test_everything_by_keyboard(page):
    page.keyboard.type("a song about robots and machines")
    expect(page.locator(f"{CARD} h2").first).to_have_text("Rivets")
    page.keyboard.press("ArrowDown")
    expect(where(page, "Rivets")).to_be_focused()
    page.keyboard.press("j")
    expect(page.locator(CARD).nth(1)).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    expect(page.locator("#player")).to_contain_text("Rivets")
    expect(where(page, "Rivets").locator(".moment")).to_have_text("Pause")
    page.keyboard.press("Space")
    expect(where(page, "Rivets").locator(".moment")).to_contain_text("Play")
    page.keyboard.press("m")
    expect(page.locator("#chips")).to_contain_text("more like Rivets")
    page.keyboard.press("Escape")
    expect(page.locator("#player")).to_be_hidden()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_has_no_sideways_scroll(visit, scheme):
    page = visit(
        "?q=a+song+about+robots", viewport={"width": 360, "height": 740}, color_scheme=scheme, has_touch=True
    )
    page.locator(".moment").first.tap()
    expect(page.locator("#player")).to_be_visible()
    page.get_by_role("button", name="Filters").tap()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_server_that_went_away_is_named_and_found_again(page, complaints):
    page.route("**/api/search?**", lambda route: route.abort())
    page.get_by_role("searchbox").fill("music")
    expect(page.locator("#message")).to_contain_text("The server does not answer")
    page.unroute("**/api/search?**")
    expect(page.locator(CARD)).to_have_count(8, timeout=10_000)
    assert complaints
    assert all("ERR_FAILED" in text for text in complaints)
    complaints.clear()


def test_a_library_without_an_index_says_what_to_type(page, complaints):
    refusal = {"error": "there is no index yet", "try_this": "nw index"}
    page.route("**/api/search?**", lambda route: route.fulfill(status=503, json=refusal))
    page.get_by_role("searchbox").fill("music")
    expect(page.locator("#message code")).to_have_text("nw index")
    page.unroute("**/api/search?**")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(CARD)).to_have_count(8)
    complaints.clear()


def test_with_a_token_the_page_opens_once_by_it_and_then_knows_it(browser, tones):
    token = "a-long-enough-secret"
    with serving(tones, token=token) as (guarded, _):
        context = browser.new_context()
        page = context.new_page()
        assert page.goto(guarded).status == 401
        page.goto(f"{guarded}?token={token}")
        assert token not in page.url
        search(page, "drums")
        where(page, "Anvil").locator(".moment").click()
        expect(page.get_by_role("button", name="Pause").last).to_be_visible()
        assert page.goto(guarded).status == 200
        context.close()
