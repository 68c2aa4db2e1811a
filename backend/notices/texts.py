"""What each notice says. Every outcome has its own sentence: nobody reads "glad it is fixed" about a refusal."""

from collections.abc import Mapping
from enum import StrEnum

from backend.core.errors import N_


class NoticeCode(StrEnum):
    """The occasions on which a reporter is told something."""

    ACCEPTED = "accepted"
    ASKED = "asked"
    CLOSED_SUBSTANTIATED = "closed_substantiated"
    CLOSED_UNSUBSTANTIATED = "closed_unsubstantiated"
    CLOSED_UNVERIFIABLE = "closed_unverifiable"
    DECLINED = "declined"
    INVESTIGATING = "investigating"
    REFERRED = "referred"
    REOPENED = "reopened"


SENTENCES: Mapping[NoticeCode, str] = {
    NoticeCode.ACCEPTED: N_("Your report is accepted. We will look into it."),
    NoticeCode.ASKED: N_("The bureau has a question for you. Your answer stays anonymous."),
    NoticeCode.CLOSED_SUBSTANTIATED: N_("What you reported is true and has been dealt with. Thank you."),
    NoticeCode.CLOSED_UNSUBSTANTIATED: N_(
        "We looked into it and did not find a violation. The answer says what we saw."
    ),
    NoticeCode.CLOSED_UNVERIFIABLE: N_("We looked into it and could not verify it. The answer says why."),
    NoticeCode.DECLINED: N_("We could not open a case. The answer says why, and who can help."),
    NoticeCode.INVESTIGATING: N_("Someone is on the way to look at the place."),
    NoticeCode.REFERRED: N_("Your report was passed to the body in charge. The answer names it."),
    NoticeCode.REOPENED: N_("The case has been opened again."),
}

# Told by text message as well, if a number was left; a text says nothing about the matter itself.
BY_SMS = frozenset(NoticeCode) - {NoticeCode.INVESTIGATING}
SMS_SENTENCE = N_("There is news about your report %(number)s. Open it with your receipt to read it.")
