"""Mail cannot be made to carry another header or recipient, and development mail is private."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import AsyncIterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from app.core.mail import FolderMailer, MailNotSent, Message, SmtpMailer, mailer

SENDER = "Alliage <ne-pas-repondre@alliage.example>"


@pytest.mark.parametrize(
    "to",
    [
        "a@alliage.example\nBcc: b@alliage.example",
        "a@alliage.example\r\nBcc: b@alliage.example",
        "a@alliage.example, b@alliage.example",
        "A <a@alliage.example>",
        "a@alliage.example ",
        "a@alliage.example\x00",
        "",
        "nobody",
    ],
)
def test_a_recipient_is_one_mailbox(to: str) -> None:
    with pytest.raises(ValueError, match="mailbox"):
        Message(to, "Objet", "Texte")


@pytest.mark.parametrize(
    "subject", ["Objet\nBcc: b@alliage.example", "Objet\r\n\r\ntexte", "Objet\u2028", " ", "a\x85b"]
)
def test_a_subject_is_one_line(subject: str) -> None:
    with pytest.raises(ValueError, match="subject"):
        Message("a@alliage.example", subject, "Texte")


def test_a_sender_is_one_line() -> None:
    with pytest.raises(ValueError, match="sender"):
        Message("a@alliage.example", "Objet", "Texte").as_email("Alliage\nBcc: b@c.example <a@c.example>")


async def test_the_folder_keeps_private_files_that_a_mail_program_reads(tmp_path: Path) -> None:
    folder = tmp_path / "var" / "mail"
    folder.mkdir(parents=True, mode=0o755)
    message = Message("a@alliage.example", "Une invitation à « Alliage »", "Été\n.\nfin", "<p>Été</p>")
    await FolderMailer(folder, SENDER).send(message)
    (file,) = folder.iterdir()
    assert file.suffix == ".eml"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    read = message_from_bytes(file.read_bytes(), policy=default)
    assert (read["To"], read["From"]) == ("a@alliage.example", SENDER)
    assert read["Subject"] == "Une invitation à «\u00a0Alliage\u00a0»"
    body = read.get_body(("plain",))
    assert body is not None
    assert body.get_content().splitlines() == ["Été", ".", "fin"]


async def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("a file")
    with pytest.raises(MailNotSent):
        await FolderMailer(tmp_path / "mail", SENDER).send(Message("a@alliage.example", "Objet", "Texte"))


def test_a_message_sent_twice_has_one_identifier() -> None:
    twice = [Message("a@alliage.example", "O", "T", reference="invitation 1").as_email(SENDER) for _ in "12"]
    other = Message("a@alliage.example", "O", "T", reference="invitation 2").as_email(SENDER)
    assert twice[0]["Message-ID"] == twice[1]["Message-ID"] != other["Message-ID"]


def test_the_address_of_the_server_is_read_at_start() -> None:
    for wrong in ("host:25", "http://host", "smtp://"):
        with pytest.raises(ValueError, match="ALLIAGE_SMTP_URL"):
            SmtpMailer(wrong, SENDER)
    assert isinstance(mailer(None, Path("mail"), SENDER), FolderMailer)
    assert isinstance(mailer("smtp://127.0.0.1:2525", Path("mail"), SENDER), SmtpMailer)


class SmallServer:
    """An SMTP server of one page, which keeps what it is told and offers no encryption."""

    def __init__(self, refuse: bytes = b"") -> None:
        self.refuse, self.lines, self.port = refuse, list[bytes](), 0

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        in_data = False
        while line := await reader.readline():
            self.lines.append(line)
            if in_data:
                in_data = line != b".\r\n"
                answer = b"" if in_data else b"250 kept\r\n"
            elif line.startswith(self.refuse or b"\x00"):
                answer = b"550 no a@alliage.example\r\n"
            elif line.startswith(b"DATA"):
                in_data, answer = True, b"354 go on\r\n"
            else:
                answer = b"221 bye\r\n" if line.startswith(b"QUIT") else b"250 fine\r\n"
            writer.write(answer)
            if line.startswith(b"QUIT"):
                break
        writer.close()


@pytest.fixture
async def server() -> AsyncIterator[SmallServer]:
    small = SmallServer()
    listening = await asyncio.start_server(small.talk, "127.0.0.1", 0)
    small.port = listening.sockets[0].getsockname()[1]
    yield small
    listening.close()


async def test_smtp_hands_over_one_message_to_one_mailbox(server: SmallServer) -> None:
    message = Message("a@alliage.example", "Été", "Bonjour\n.\nAu revoir")
    await SmtpMailer(f"smtp://127.0.0.1:{server.port}", SENDER).send(message)
    told = b"".join(server.lines)
    assert told.count(b"RCPT TO:") == 1
    assert b"RCPT TO:<a@alliage.example>" in told
    assert b"MAIL FROM:<ne-pas-repondre@alliage.example>" in told
    assert b"\r\n..\r\n" in told  # a line with one dot does not end the message


async def test_a_refusal_says_no_mailbox(server: SmallServer) -> None:
    server.refuse = b"RCPT"
    with pytest.raises(MailNotSent) as refused:
        await SmtpMailer(f"smtp://127.0.0.1:{server.port}", SENDER).send(Message("a@alliage.example", "O", "T"))
    assert "@" not in str(refused.value)


async def test_a_password_is_never_sent_in_clear(server: SmallServer) -> None:
    with pytest.raises(MailNotSent):
        await SmtpMailer(f"smtp://somebody:hidden-word@127.0.0.1:{server.port}", SENDER).send(
            Message("a@alliage.example", "O", "T")
        )
    assert not any(line.startswith(b"AUTH") for line in server.lines)
