"""What people meet on the way to the identity provider and back: buttons, sentences, and the way out."""

import re

import pytest

from domain.window.values import Role
from tests.at_provider import CLERK, a_met_provider, come_in
from tests.served_door import a_post, code


@pytest.fixture
async def met():
    return await a_met_provider()


async def test_who_signs_out_at_the_provider_too_comes_back_to_the_page(met):
    async with met.browser() as browser:
        await come_in(browser)
        assert 'id="leave-provider"' in (await browser.get("/sign-in")).text
        sent_away = await browser.get("/v1/sessions/provider/end")
        assert sent_away.status_code == 303
        back = await browser.get(sent_away.headers["location"])
        assert back.headers["location"] == "https://door/sign-in"


@pytest.mark.parametrize("place", [None, "http://id.example.gov.cn/realm/logout", 7])
async def test_a_provider_without_a_way_out_is_said_in_both_languages(met, place):
    met.identity_provider.published = {"end_session_endpoint": place}
    async with met.browser() as browser:
        refused = await browser.get("/v1/sessions/provider/end")
        assert (refused.status_code, code(refused)) == (404, "provider-keeps-session")
        told = await browser.get("/v1/sessions/provider/end", headers={"Accept": "text/html"})
        page = (await browser.get(told.headers["location"])).text
        assert "该处可能仍处于登录状态" in page
        assert "there you may not be" in page
        assert (await come_in(browser)).status_code == 303


async def test_people_see_a_button_and_what_went_wrong_in_both_languages(met):
    met.identity_provider.subject = "somebody-else"
    async with met.browser(Accept="text/html,*/*") as browser:
        page = (await browser.get("/sign-in")).text
        assert 'href="v1/sessions/provider"' in page
        assert "统一身份认证登录" in page
        assert "Sign in through the identity provider" in page
        back = await come_in(browser)
        assert back.headers["location"] == "/sign-in?problem=subject-not-linked"
        told = (await browser.get(back.headers["location"])).text
        assert "未绑定本县的有效账户" in told
        assert "no open account of this county is linked" in told
        plain = (await browser.get("/sign-in", params={"problem": "<script>alert(1)</script>"})).text
        assert "alert(1)" not in plain


async def test_who_holds_several_posts_is_offered_each_of_them(met):
    await a_post(met.door, "P-XK", Role.reviewer, CLERK)
    async with met.browser(Accept="text/html") as browser:
        back = (await come_in(browser)).headers["location"]
        page = (await browser.get(back)).text
        ways = re.findall(r'href="(v1/sessions/provider\?post_id=[^"]+)"', page)
        assert len(ways) == 2
        begun = await browser.get(f"/{ways[0]}")
        entered = await browser.get((await browser.get(begun.headers["location"])).headers["location"])
        assert entered.headers["location"] == "/sign-in"
        assert (await browser.get("/v1/sessions/current")).json()["post_id"] == "P-T03"
        odd = await browser.get("/sign-in", params={"posts": '"><script>'})
        assert odd.status_code == 422


async def test_the_page_runs_its_own_script_and_no_other(met):
    async with met.browser() as browser:
        page = await browser.get("/sign-in")
        assert "script-src 'self'" in page.headers["content-security-policy"]
        assert re.findall(r"<script[^>]*>", page.text) == ['<script src="sign-in.js" defer>']
        assert (await browser.get("/sign-in.js")).headers["content-type"].startswith("text/javascript")
