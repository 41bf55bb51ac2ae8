"""E-mail by SMTP with TLS (RFC 5321, 8314)."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

from webapp.core.clock import system_clock
from webapp.ports.failures import SeamMisused, SeamUnavailable, Trouble
from webapp.ports.mail_gateway import MailAnswer, MailQuestion, MailVerdict


class SmtpMail:
    """`security` is tls (from the first byte), starttls, or none (for a relay on this very machine)."""

    def __init__(
        self, host: str, port: int, *, security: str, user: str, password: str, sender: str, seconds: float
    ) -> None:
        self._host, self._port, self._security, self._seconds = host, port, security, seconds
        self._user, self._password, self._sender = user, password, sender

    def send(self, question: MailQuestion) -> MailAnswer:
        """One connection a mail: they are few. Raises SeamUnavailable, SeamMisused."""
        message = self._message(question)
        try:
            with self._connected() as server:
                server.send_message(message)
        except smtplib.SMTPRecipientsRefused as refused:
            code = next(iter(refused.recipients.values()))[0]
            return _judged(code)
        except smtplib.SMTPAuthenticationError:
            raise SeamMisused("smtp: the account is refused", Trouble.SECRET) from None
        except smtplib.SMTPResponseException as said:
            return _judged(said.smtp_code)
        except ssl.SSLError:
            raise SeamUnavailable("smtp", Trouble.CERTIFICATE) from None
        except TimeoutError:
            raise SeamUnavailable("smtp", Trouble.TIMEOUT) from None
        except (OSError, smtplib.SMTPException) as fault:
            raise SeamUnavailable(f"smtp: {type(fault).__name__}", Trouble.UNREACHABLE) from None
        return MailAnswer(MailVerdict.ACCEPTED, "250")

    def ping(self) -> None:
        """Raises what stands in the way of sending: the address, the certificate, the account."""
        try:
            with self._connected() as server:
                server.noop()
        except smtplib.SMTPAuthenticationError:
            raise SeamMisused("smtp: the account is refused", Trouble.SECRET) from None
        except ssl.SSLError:
            raise SeamUnavailable("smtp", Trouble.CERTIFICATE) from None
        except (OSError, smtplib.SMTPException) as fault:
            raise SeamUnavailable(f"smtp: {type(fault).__name__}", Trouble.UNREACHABLE) from None

    def _connected(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self._security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(self._host, self._port, timeout=self._seconds, context=context)
        else:
            server = smtplib.SMTP(self._host, self._port, timeout=self._seconds)
        if self._security == "starttls":
            server.starttls(context=context)
        if self._user:
            server.login(self._user, self._password)
        return server

    def _message(self, question: MailQuestion) -> EmailMessage:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self._sender, question.to, question.subject
        message["Date"] = format_datetime(system_clock())
        message["Message-ID"] = f"<{question.key}@{parseaddr(self._sender)[1].rpartition('@')[2] or 'localhost'}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(question.body)
        message.add_attachment(question.file, maintype="application", subtype="pdf", filename=question.file_name)
        return message


def _judged(code: int) -> MailAnswer:
    """4yz is for later, 5yz is for good (RFC 5321, 4.2.1)."""
    if code < 500:
        raise SeamUnavailable(f"smtp: {code}", Trouble.BUSY)
    return MailAnswer(MailVerdict.REFUSED, str(code))
