"""Why somebody may not act for another, or not let another act. More in domain/admission.py.

Rejected
├── NotTheStandInHolder
├── TakeoverTooLong
├── NoTakeoverOpen
├── ReleasedByStranger
├── DelegatedByAnother
├── DelegatedToOneself
├── DelegationNumberUsed
├── DelegationInThePast
├── DelegateNotServing
├── AgentsNeverDecide
├── DelegationUnknown
├── DelegationOver
├── DelegationApprovedByParty
├── NotAboveThePost
├── RevokedByStranger
├── StandInNotOnDuty
├── DelegationNotStanding
└── OutsideDelegation
Irregular
└── ActedWithoutStanding    A04 无据代行
"""

from domain.grammar import Irregular, Rejected


class NotTheStandInHolder(Rejected):
    """A post is taken over by its own B person, acting at it."""

    ZH = "顶岗由该岗位的B岗人员本人办理。"
    WANTED = "The same by the B person of the post, signed in at it."
    WANTED_ZH = "请由该岗B岗人员在本岗办理。"


class TakeoverTooLong(Rejected):
    """A post is taken over for a month at most; who is away longer is relieved, or delegates."""

    ZH = "一次顶岗至多一个月；更长的应调整定岗或办理委托。"
    WANTED = "until on or after today, at most at_most_days days ahead."
    WANTED_ZH = "until 应不早于今日，且在 at_most_days 日之内。"


class NoTakeoverOpen(Rejected):
    """Nobody has taken this post over."""

    ZH = "该岗位没有进行中的顶岗。"
    WANTED = "take_over_post first."
    WANTED_ZH = "请先办理顶岗（take_over_post）。"


class ReleasedByStranger(Rejected):
    """A takeover is ended by who holds the post, as A or B, or by a head above it."""

    ZH = "顶岗由该岗A岗、B岗人员或其上级负责人结束。"
    WANTED = "The same by a holder of the post, or by a head of its unit or one above."
    WANTED_ZH = "请由该岗人员或其单位、上级单位负责人办理。"


class DelegatedByAnother(Rejected):
    """What belongs to a post is passed on by its A person, acting at it in their own name."""

    ZH = "委托由该岗A岗人员以本人名义办理，不得转委托。"
    WANTED = "The same by the A person of the post, signed in at it."
    WANTED_ZH = "请由该岗A岗人员在本岗办理。"


class DelegatedToOneself(Rejected):
    """Nobody delegates to themselves."""

    ZH = "不得委托给本人。"
    WANTED = "delegate with the number of another person."
    WANTED_ZH = "delegate 应为另一人的编号。"


class DelegationNumberUsed(Rejected):
    """Another delegation has this number."""

    ZH = "该委托编号已使用。"
    WANTED = "A number of its own."
    WANTED_ZH = "请使用新的编号。"


class DelegationInThePast(Rejected):
    """A delegation begins today or later, and ends within a year: nobody is given authority afterwards."""

    ZH = "委托自当日或以后起，至多一年；不得事后补办。"
    WANTED = "valid_from today or later; valid_to within 366 days of it."
    WANTED_ZH = "valid_from 不早于今日，valid_to 在其后 366 日内。"


class DelegateNotServing(Rejected):
    """The delegate is not in the county's service on all of these days."""

    ZH = "受托人在委托期间并非全程在职。"
    WANTED = "Days within the delegate's own time of service."
    WANTED_ZH = "委托期间应在受托人在职期间之内。"


class AgentsNeverDecide(Rejected):
    """A village agent records for citizens and decides nothing: a post that decides is not passed on to one."""

    ZH = "代办员代群众办事，不作决定；具有决定职责的岗位不得委托给代办员。"
    BASIS = "代办不代审批"
    WANTED = "A delegate who holds no agent's post."
    WANTED_ZH = "受托人不得担任代办员岗位。"


class DelegationUnknown(Rejected):
    """There is no delegation of this number."""

    ZH = "没有此编号的委托。"
    WANTED = "The number of a delegation."
    WANTED_ZH = "请填写已有的委托编号。"


class DelegationOver(Rejected):
    """The delegation was revoked or has run out."""

    ZH = "该委托已撤销或已到期。"
    WANTED = "A new delegation."
    WANTED_ZH = "请另行委托。"


class DelegationApprovedByParty(Rejected):
    """Neither who delegates nor who is delegated to approves it."""

    ZH = "委托人、受托人均不得批准本委托。"
    WANTED = "The approval of another head."
    WANTED_ZH = "请由其他负责人批准。"


class NotAboveThePost(Rejected):
    """A delegation is approved by the head of the post's unit, or of one above it."""

    ZH = "委托由岗位所在单位或其上级单位的负责人批准。"
    WANTED = "A hall director, a head of the organ or of the government at the unit or above it."
    WANTED_ZH = "请由该单位或上级单位的中心主任、机关负责人、政府负责人批准。"


class RevokedByStranger(Rejected):
    """A delegation is revoked by who gave it, given back by who has it, or ended by a head above the post."""

    ZH = "委托由委托人、受托人或岗位上级负责人撤销。"
    WANTED = "The same by the grantor, the delegate or a head above the post."
    WANTED_ZH = "请由委托人、受托人或上级负责人办理。"


class StandInNotOnDuty(Rejected):
    """The B person acts only while they have taken the post over (AB岗)."""

    ZH = "B岗人员未顶岗，不得以该岗办理。"
    BASIS = "AB岗制度"
    WANTED = "take_over_post first, saying why the A person is away; or the A person."
    WANTED_ZH = "请先登记顶岗（take_over_post，写明A岗缺位原因），或由A岗人员办理。"


class DelegationNotStanding(Rejected):
    """The delegation does not stand on that day: not approved, revoked, run out, or somebody else's."""

    ZH = "所依据的委托当日无效：未批准、已撤销、已到期或非授予本人。"
    WANTED = "An approved delegation that is valid on the day."
    WANTED_ZH = "请依当日有效且已批准的委托办理。"


class OutsideDelegation(Rejected):
    """The delegation does not cover this item."""

    ZH = "该事项不在委托范围之内。"
    WANTED = "A case of an item that the delegation names."
    WANTED_ZH = "限于委托所列事项的办件。"


class ActedWithoutStanding(Irregular):
    """Somebody acted for another without having taken over or been delegated to; it happened, and is recorded late."""

    RULE = "A04"
    ZH = "无据代行：未顶岗、无有效委托而以他人岗位办理。"
    BASIS = "AB岗制度"
    WANTED = "A takeover or a delegation before acting."
    WANTED_ZH = "应先办理顶岗或委托。"
