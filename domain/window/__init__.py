"""Windows 窗口, `window:<window_id>`, and posts 岗位, `post:<post_id>`: one stream each."""

from domain.grammar import Aggregate
from domain.register import KEEPERS
from domain.window import commands, posts
from domain.window.events import (
    PostAssigned,
    PostChanged,
    PostEstablished,
    PostRelieved,
    WindowChanged,
    WindowClosed,
    WindowOpened,
)
from domain.window.state import evolve_post, evolve_window
from domain.window.values import Post, Window

WINDOW: Aggregate[Window | None] = Aggregate(
    name="window",
    blank=None,
    decide=commands.decide,
    evolve=evolve_window,
    facts=(WindowOpened, WindowChanged, WindowClosed),
    amenders=KEEPERS,
)
POST: Aggregate[Post | None] = Aggregate(
    name="post",
    blank=None,
    decide=posts.decide,
    evolve=evolve_post,
    facts=(PostEstablished, PostChanged, PostAssigned, PostRelieved),
    amenders=KEEPERS,
)
