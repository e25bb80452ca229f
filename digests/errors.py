"""The errors of this package.

    DigestError
    ├── ScheduleError                  schedule     a cron expression or zone that cannot be read
    ├── TemplateError                  template     a user's template is invalid, too slow or too large
    ├── SummaryError                   summary      a summarizer returned nothing usable
    │   ├── EndpointDown               endpoint     the model's endpoint did not answer in time
    │   └── BudgetSpent                budget       the model budget of the edition or the day is used up
    ├── LinkError                      link         a signed link is forged, expired or for another purpose
    └── ChannelError                   channel      a delivery did not happen
        ├── TemporaryFailure           temporary    try again later (4xx, connection refused)
        │   └── ServerBusy             busy         the server cannot be used now: sending to it pauses
        │       └── EncryptionFailed   tls          TLS is not offered, or the certificate is not trusted
        ├── RecipientRefused           refused      5xx: this recipient only
        ├── LoginRefused               login        535: nothing is sent until a person fixes it
        ├── BadMessage                 message      the message itself cannot be sent
        └── OutcomeUnknown             unknown      the connection broke after the final dot: perhaps accepted

The class docstring is the default message, `code` never changes, `hint` says what a person can do.
"""

from __future__ import annotations


class DigestError(Exception):
    """the digest could not be made or delivered"""

    code = "digest"
    hint = ""

    def __init__(self, message: str | None = None) -> None:
        self.message = message or (type(self).__doc__ or "").strip()
        super().__init__(self.message)


class ScheduleError(DigestError, ValueError):
    """the schedule cannot be read"""

    code = "schedule"
    hint = "five crontab fields, such as `0 7 * * 1-5`, and a zone such as Europe/Berlin"


class TemplateError(DigestError, ValueError):
    """the template could not be rendered"""

    code = "template"
    hint = "the built-in template was used; fix the file or remove it"


class SummaryError(DigestError, RuntimeError):
    """the summarizer gave nothing usable"""

    code = "summary"
    hint = "the extractive summary was used"


class EndpointDown(SummaryError, ConnectionError):
    """the model's endpoint did not answer in time"""

    code = "endpoint"


class BudgetSpent(SummaryError):
    """the budget for model calls is used up"""

    code = "budget"
    hint = "raise [summaries] budget, or leave it: extractive summaries are used"


class LinkError(DigestError, ValueError):
    """this link is not valid, or no longer"""

    code = "link"
    hint = "use the link of a newer digest"


class ChannelError(DigestError, OSError):
    """the delivery did not happen"""

    code = "channel"

    def __init__(
        self,
        message: str | None = None,
        *,
        reply_code: int | None = None,
        status: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.reply_code = reply_code  # SMTP reply, RFC 5321 section 4.2, or HTTP status
        self.status = status  # enhanced status code, RFC 3463
        self.retry_after = retry_after  # seconds to wait, as the server asks


class TemporaryFailure(ChannelError):
    """the server could not take the message now"""

    code = "temporary"
    hint = "passes by itself: it is tried again until the edition is stale"


class ServerBusy(TemporaryFailure):
    """the server asks to be left alone for a while"""

    code = "busy"


class EncryptionFailed(ServerBusy):
    """the connection to the mail server could not be encrypted"""

    code = "tls"
    hint = 'check [mail] host and security: "tls" on port 465, "starttls" on 587; deliveries wait meanwhile'


class RecipientRefused(ChannelError):
    """the server refuses this recipient"""

    code = "refused"
    hint = "check the address; it gets nothing until it is changed or settled"


class LoginRefused(ChannelError, PermissionError):
    """the server refuses the login"""

    code = "login"
    hint = "check user and password in [mail]; deliveries wait meanwhile"


class BadMessage(ChannelError, ValueError):
    """the message cannot be sent as it is"""

    code = "message"


class OutcomeUnknown(ChannelError):
    """the connection broke after the message was handed over: perhaps it was accepted"""

    code = "unknown"
    hint = "settled by [mail] when_unknown: resend (default) or hold"
