"use strict";

const part = (id) => document.getElementById(id);
let csrfToken = "";

async function ask(method, path, body) {
  const headers = { "X-CSRF-Token": csrfToken };
  if (body) headers["Content-Type"] = "application/json";
  const answer = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
  return { isGood: answer.ok, status: answer.status, told: answer.status === 204 ? null : await answer.json() };
}

function say(id, text) {
  part(id).textContent = text;
  part(id).hidden = !text;
}

function refuse(problem) {
  const posts = problem.details?.posts ?? [];
  part("posts").replaceChildren(...posts.map((post) => new Option(post)));
  say("done", "");
  say("refusal", [problem.title, problem.wanted, ...posts, problem.title_en, problem.wanted_en].filter(Boolean).join(" "));
}

function show(session) {
  say("refusal", "");
  csrfToken = session?.csrf_token ?? "";
  part("in").hidden = !session;
  part("out").hidden = Boolean(session);
  if (!session) return;
  part("who").textContent = `${session.staff_id} @ ${session.post_id} (${session.role})`;
  part("until").textContent = new Date(session.expires_at).toLocaleString();
  part("idle").textContent = session.idle_minutes;
}

function given(form) {
  return Object.fromEntries([...new FormData(form)].filter(([, value]) => value).map(([name, value]) => [name, value.normalize()]));
}

function onSubmit(id, method, path, done) {
  part(id).addEventListener("submit", async (event) => {
    event.preventDefault();
    const { isGood, told } = await ask(method, path, given(event.target));
    if (!isGood) return refuse(told);
    event.target.reset();
    show(told);
    say("done", done);
  });
}

function onLeave(id, path, then) {
  part(id)?.addEventListener("click", async () => {
    const { isGood, status, told } = await ask("DELETE", path);
    // a session that is over already is no reason to stay signed in elsewhere
    if (!isGood && !(then && status === 401)) return refuse(told);
    show(null);
    if (then) return location.assign(then);
    say("done", "已退出。 Signed out.");
  });
}

onSubmit("sign-in", "POST", "v1/sessions", "");
onSubmit("change", "POST", "v1/password", "口令已变更，其余会话已结束。 The password is changed, other sessions are over.");
onLeave("leave", "v1/sessions/current");
onLeave("leave-everywhere", "v1/sessions");
onLeave("leave-provider", "v1/sessions/current", "v1/sessions/provider/end");
part("provider")?.addEventListener("click", (event) => {
  const post = part("sign-in").elements.post_id.value;
  if (post) event.currentTarget.href = `v1/sessions/provider?post_id=${encodeURIComponent(post)}`;
});
ask("GET", "v1/sessions/current").then(({ isGood, told }) => show(isGood ? told : null));
