"""A whole case, from the first paper to the last, on the course it has drawn."""

from typing import Final

from domain.authorisation.values import Power
from domain.grammar import Actor
from domain.item.values import Kind, Routing
from domain.window.values import Post
from ops.demo.course import Course, Pace, Verdict
from ops.demo.plots import amending, handover, intake, opening, result, verdict, work
from ops.demo.plots.opening import Errand
from ops.demo.story import Story

LATE: Final = (Pace.promise_late, Pace.legal_late)


def told(story: Story, course: Course, errand: Errand | None) -> None:
    """Everything that happens to the case, were there no end of the year."""
    intake.lacks(story, course.intake)
    if errand is None:
        opening.over_the_counter(story)
        story.complete_on = story.today
    else:
        opening.through_the_agent(story, errand, course.way)
    if course.is_corrected:
        amending.corrected(story)
    if not intake.taken_in(story, course.intake):
        return
    if course.is_voided:
        amending.voided(story)
    if _is_decided_here(story):
        verdict.closed_on_the_spot(story)
        result.charged(story)
        story.is_closed = True
        result.carried_out(story, course, story.clerk, errand)
    else:
        _worked_on(story, course, errand)


def _is_decided_here(story: Story) -> bool:
    """即办, by a window that may decide, on the day of acceptance."""
    may = story.cast.may(Power.decide, story.window, story.item, story.today)
    return story.item.kind is Kind.instant and story.item.single_officer_ok and may


def _worked_on(story: Story, course: Course, errand: Errand | None) -> None:
    decider = story.cast.nearest(story.cast.deciders(story.item, story.today), story.window)
    desk = handover.desk_of(story, decider.unit_code) or decider
    handler = handover.brought_to(story, desk, course)
    _examined(story, handler, decider, course)
    result.charged(story)
    verdict.decided(story, decider, course, verdict.day_of_decision(story, course.pace))
    if course.verdict is not Verdict.terminated:
        result.carried_out(story, course, handler, errand)


def _examined(story: Story, handler: Actor, decider: Post, course: Course) -> None:
    work.first_step(story, handler)
    work.stopped(story, handler, decider, course.stop)
    match story.item.routing:
        case Routing.joint:
            work.consulted(story, handler)
        case Routing.report_up:
            work.reported_up(story, handler, is_late=course.pace in LATE)
        case Routing.single:
            pass
    work.further_steps(story, handler)
