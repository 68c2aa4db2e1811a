"""What each notice says. Every outcome has its own sentence: nobody reads "glad it is fixed" about a refusal.

To tell something new: a code, its sentence, for a resident the page where it goes on in `PATHS`, and
`notices.service.tell`. A value that is named in two languages is given as `title_zh` and `title_en` and stands in the
sentence as `%(title)s`; a day is given as `until_on="2026-11-25"` and stands as `%(until)s`.
"""

from collections.abc import Mapping
from enum import StrEnum

from backend.core.errors import N_


class NoticeCode(StrEnum):
    """The occasions on which a reporter or a resident is told something."""

    ACCEPTED = "accepted"
    ACTIVITY_REFUSED = "activity_refused"
    ACTIVITY_TAKEN_BACK = "activity_taken_back"
    APPEAL_GRANTED = "appeal_granted"
    APPEAL_REFUSED = "appeal_refused"
    ASKED = "asked"
    CLOSED_SUBSTANTIATED = "closed_substantiated"
    CLOSED_UNSUBSTANTIATED = "closed_unsubstantiated"
    CLOSED_UNVERIFIABLE = "closed_unverifiable"
    COUPONS_END_SOON = "coupons_end_soon"
    DECLINED = "declined"
    HONOUR_GRANTED = "honour_granted"
    HONOUR_REFUSED = "honour_refused"
    HONOUR_REVOKED = "honour_revoked"
    HOUSEHOLD_ASKED = "household_asked"
    HOUSEHOLD_LET_IN = "household_let_in"
    HOUSEHOLD_NOT_LET_IN = "household_not_let_in"
    INVESTIGATING = "investigating"
    PLAN_NEWS = "plan_news"
    PLAN_STATE = "plan_state"
    REFERRED = "referred"
    REOPENED = "reopened"


SENTENCES: Mapping[NoticeCode, str] = {
    NoticeCode.ACCEPTED: N_("Your report is accepted. We will look into it."),
    NoticeCode.ACTIVITY_REFUSED: N_("%(title)s could not be counted. The entry says why, and you can object."),
    NoticeCode.ACTIVITY_TAKEN_BACK: N_(
        "The points for %(title)s were taken back. The entry says why, and you can object."
    ),
    NoticeCode.APPEAL_GRANTED: N_("You were right about %(title)s: the points are yours again."),
    NoticeCode.APPEAL_REFUSED: N_("We looked at %(title)s again, and it stays as it was. The entry has our answer."),
    NoticeCode.ASKED: N_("The bureau has a question for you. Your answer stays anonymous."),
    NoticeCode.CLOSED_SUBSTANTIATED: N_("What you reported is true and has been dealt with. Thank you."),
    NoticeCode.CLOSED_UNSUBSTANTIATED: N_(
        "We looked into it and did not find a violation. The answer says what we saw."
    ),
    NoticeCode.CLOSED_UNVERIFIABLE: N_("We looked into it and could not verify it. The answer says why."),
    NoticeCode.COUPONS_END_SOON: N_("You still have coupons that are good until %(until)s. Use them in time."),
    NoticeCode.DECLINED: N_("We could not open a case. The answer says why, and who can help."),
    NoticeCode.HONOUR_GRANTED: N_("Congratulations! You hold the title %(title)s until %(until)s."),
    NoticeCode.HONOUR_REFUSED: N_("The title %(title)s was not granted. The reason stands with your application."),
    NoticeCode.HONOUR_REVOKED: N_("The title %(title)s was withdrawn. The reason stands with your application."),
    NoticeCode.HOUSEHOLD_ASKED: N_("Somebody asks to come into your household. Look who it is, and answer."),
    NoticeCode.HOUSEHOLD_LET_IN: N_("You were let into the household. Welcome home!"),
    NoticeCode.HOUSEHOLD_NOT_LET_IN: N_(
        "You were not let into the household that you asked. You can ask another one at once."
    ),
    NoticeCode.INVESTIGATING: N_("Someone is on the way to look at the place."),
    NoticeCode.PLAN_NEWS: N_("Something new was published about “%(title)s”, which you follow."),
    NoticeCode.PLAN_STATE: N_("%(title)s, which you follow: now “%(state)s”."),
    NoticeCode.REFERRED: N_("Your report was passed to the body in charge. The answer names it."),
    NoticeCode.REOPENED: N_("The case has been opened again."),
}

# Where a resident reads on; a value of the notice may stand in it as `%(name)s`.
PATHS: Mapping[NoticeCode, str] = {
    NoticeCode.ACTIVITY_REFUSED: "/green/entries/%(entry)s",
    NoticeCode.ACTIVITY_TAKEN_BACK: "/green/entries/%(entry)s",
    NoticeCode.APPEAL_GRANTED: "/green/entries/%(entry)s",
    NoticeCode.APPEAL_REFUSED: "/green/entries/%(entry)s",
    NoticeCode.COUPONS_END_SOON: "/coupons",
    NoticeCode.HONOUR_GRANTED: "/honours#mine",
    NoticeCode.HONOUR_REFUSED: "/honours#mine",
    NoticeCode.HONOUR_REVOKED: "/honours#mine",
    NoticeCode.HOUSEHOLD_ASKED: "/household",
    NoticeCode.HOUSEHOLD_LET_IN: "/household",
    NoticeCode.HOUSEHOLD_NOT_LET_IN: "/household",
    NoticeCode.PLAN_NEWS: "/plan/%(page)s",
    NoticeCode.PLAN_STATE: "/plan/%(page)s",
}

# Told by text message as well, if a number was left or a resident agreed; a text says nothing about the matter itself. A
# point or two is not worth a buzz in the pocket, nor is what the family says at the table: that waits in the inbox.
BY_SMS = frozenset(NoticeCode) - {
    NoticeCode.ACTIVITY_REFUSED,
    NoticeCode.ACTIVITY_TAKEN_BACK,
    NoticeCode.APPEAL_GRANTED,
    NoticeCode.APPEAL_REFUSED,
    NoticeCode.HOUSEHOLD_LET_IN,
    NoticeCode.HOUSEHOLD_NOT_LET_IN,
    NoticeCode.INVESTIGATING,
    NoticeCode.PLAN_NEWS,
    NoticeCode.PLAN_STATE,
}
SMS_SENTENCE = N_("There is news about your report %(number)s. Open it with your receipt to read it.")
RESIDENT_SMS_SENTENCE = N_("There is a message for you on Green Tianshui. Sign in and open “Me” to read it.")
