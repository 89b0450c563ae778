"""Mail: a message as a value, and two ways to send one.

In development nothing leaves the machine: `FolderMailer` writes files that the account of the service alone
reads, since an invitation opens an account. Elsewhere `SmtpMailer` gives the message to a server.
"""

from __future__ import annotations

import asyncio
import os
import re
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from hashlib import sha256
from pathlib import Path
from urllib.parse import unquote, urlsplit

import aiosmtplib
import email_validator

from app.core.clock import now
from app.core.model import new_id
from app.core.richtext.typography import french

SECONDS = 30
_JUNK = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_PORTS = {"smtp": 587, "smtps": 465}


class MailNotSent(Exception):
    """The server did not take the message; nothing says whether a later attempt will do better."""


@dataclass(frozen=True, slots=True)
class Message:
    """One mail to one mailbox. What could add a header or a recipient is a `ValueError`."""

    to: str
    subject: str
    text: str = field(repr=False)
    html: str | None = field(default=None, repr=False)
    reference: str = ""
    """What the mail is about: a message sent twice has the same Message-ID, so that mailboxes can show it once."""

    def __post_init__(self) -> None:
        """Refuse before anything is written: a line feed in a header starts another header."""
        _mailbox(self.to)
        if _JUNK.search(self.subject) or not self.subject.strip():
            raise ValueError("a subject is one line, not empty")

    def as_email(self, sender: str) -> EmailMessage:
        """The message as RFC 5322 wants it, UTF-8 inside, with the spaces of French typography; `sender` is `Name <mailbox>`."""
        name, address = parseaddr(sender)
        if _JUNK.search(sender):
            raise ValueError("a sender is one line")
        domain = _mailbox(address).rpartition("@")[2]
        email = EmailMessage(policy=SMTP)
        email["From"] = f"{name} <{address}>" if name else address
        email["To"] = _mailbox(self.to)
        email["Subject"] = french(self.subject)
        email["Date"] = format_datetime(now())
        email["Message-ID"] = f"<{_identifier(self.reference)}@{domain}>"
        email["Auto-Submitted"] = "auto-generated"
        email.set_content(french(self.text))
        if self.html is not None:
            email.add_alternative(self.html, subtype="html")
        return email


class Mailer(ABC):
    """Sends messages in the name of the service."""

    def __init__(self, sender: str) -> None:
        """`sender`: `Alliage <ne-pas-repondre@...>`."""
        self.sender = sender

    @abstractmethod
    async def send(self, message: Message) -> None:
        """Give the message away, or raise `MailNotSent`."""


class FolderMailer(Mailer):
    """Writes each message as an `.eml` file, which any mail program opens: folder 0700, files 0600."""

    def __init__(self, folder: Path, sender: str) -> None:
        """`folder` is made at the first message."""
        super().__init__(sender)
        self.folder = folder

    async def send(self, message: Message) -> None:
        """Write one file; the name sorts by time."""
        content = message.as_email(self.sender).as_bytes()
        await asyncio.to_thread(self._write, content)

    def _write(self, content: bytes) -> None:
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.folder.chmod(0o700)  # a folder that was there already, or a umask that took less away
            name = f"{now():%Y%m%dT%H%M%SZ}-{new_id().hex}"
            partial, path = self.folder / f".{name}", self.folder / f"{name}.eml"
            handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            partial.rename(path)
        except OSError as problem:
            raise MailNotSent(f"the mail folder cannot be written: {problem.strerror}") from problem


class SmtpMailer(Mailer):
    """Hands messages to an SMTP server: `smtp://user:password@host:587` (STARTTLS) or `smtps://host:465`.

    With a password, an unencrypted connection is refused; without one, STARTTLS is used where it is offered.
    """

    def __init__(self, url: str, sender: str) -> None:
        """A malformed address is a `ValueError`, at start and not at the first mail; it never quotes the password."""
        super().__init__(sender)
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise ValueError("ALLIAGE_SMTP_URL looks like smtp://user:password@host:587")
        self._host = parts.hostname
        self._port = parts.port or _PORTS[parts.scheme]
        self._tls = parts.scheme == "smtps"
        self._user = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None

    async def send(self, message: Message) -> None:
        """One connection a message: invitations are rare, and nothing stays open."""
        start_tls = False if self._tls else (True if self._password else None)
        try:
            await aiosmtplib.send(
                message.as_email(self.sender),
                sender=parseaddr(self.sender)[1],
                recipients=[message.to],
                hostname=self._host,
                port=self._port,
                username=self._user,
                password=self._password,
                use_tls=self._tls,
                start_tls=start_tls,
                timeout=SECONDS,
            )
        except (aiosmtplib.SMTPException, OSError) as problem:
            # The library's message may quote the mailbox: the type is enough for a log.
            raise MailNotSent(type(problem).__name__) from None


def mailer(smtp_url: str | None, folder: Path, sender: str) -> Mailer:
    """The mailer of an installation: SMTP where an address is set, else files in `folder`."""
    return SmtpMailer(smtp_url, sender) if smtp_url else FolderMailer(folder, sender)


def _mailbox(address: str) -> str:
    """The address itself, when it is exactly one mailbox in ASCII; else `ValueError`."""
    if _JUNK.search(address) or address != address.strip():
        raise ValueError("a mailbox is one line without blanks")
    try:
        email_validator.validate_email(address, check_deliverability=False, allow_smtputf8=False, test_environment=True)
    except email_validator.EmailNotValidError as problem:
        raise ValueError("this is not one mailbox") from problem
    return address


def _identifier(reference: str) -> str:
    return sha256(reference.encode()).hexdigest()[:32] if reference else new_id().hex
