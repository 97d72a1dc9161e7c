"""What can go wrong on purpose.

    ChatroomError
    ├── Refused                    the request is at fault; repeating it unchanged will not help
    │   ├── Invalid                    400, names the field
    │   │   ├── MessageEmpty, MessageTooLong, MessageUnprintable
    │   │   ├── RoomNameInvalid, NameInvalid, ClientIdInvalid, EmojiInvalid, TooManyFiles
    │   │   ├── PasswordTooShort, PasswordTooLong, PasswordCommon
    │   │   ├── CursorInvalid, PairingInvalid, TooManyRooms
    │   │   ├── NumberInvalid, ChoiceInvalid, NextInvalid, RoomTextInvalid, PeopleInvalid
    │   │   ├── FileEmpty, EncodingUnknown
    │   │   ├── QueryInvalid, MomentInvalid
    │   │   └── Unreadable, ContentTypeUnknown
    │   ├── NotSignedIn, SomebodyElse, SignInFailed     401
    │   ├── Forbidden, PasswordWrong   403
    │   ├── NotAllowed                 403, by whoever keeps order in the room
    │   │   └── Muted, RoomReadOnly
    │   ├── NotFound                   404
    │   ├── MethodNotAllowed           405
    │   ├── ClientIdReused, NameTaken, OwnerStays, RoomFull     409
    │   ├── AccountExists, NoAccount, TooManyTokens, TooManyIgnored, TooManyEmoji     409
    │   ├── QuotaReached, FilesFull    409
    │   ├── TooLarge                   413
    │   │   └── FileTooLarge, PictureTooLarge
    │   └── TooMany                    429 with Retry-After: then it will help
    │       └── SlowMode
    ├── Unavailable                the server is at fault or busy; repeating it later will help
    │   └── StorageFailing, StorageBusy, PasswordsBusy, UploadsBusy, SearchBusy, Closing     503 with Retry-After
    └── Broken                     500, a fault of ours

StorageRefused stands apart: the process does not start, so no request ever meets it.

`status` is only a hint: the shell decides what travels. `message` is English and the key of its translation; what
stands in braces is filled in after translating.
"""

from __future__ import annotations

from math import ceil


class ChatroomError(Exception):
    """Base of everything that is raised on purpose.

    `status` is an HTTP status, `code` a stable word for programs, `message` a sentence for people. The same request may
    be sent again after `retry_after` seconds; None: it would be refused again.
    """

    status = 500
    code = "error"
    message = "Something went wrong."
    retry_after: int | None = None

    def __init__(self, field: str | None = None, **values: object) -> None:
        super().__init__(self.message.format_map(values) if values else self.message)
        self.field = field
        self.values = values


class Refused(ChatroomError):
    """The request is at fault."""

    status = 400
    code = "refused"
    message = "The request cannot be carried out."


class Invalid(Refused):
    """An argument is wrong; `field` names it."""

    code = "invalid"
    message = "The request is not understood."


class MessageEmpty(Invalid):
    code = "message_empty"
    message = "A message needs at least one character."


class MessageTooLong(Invalid):
    code = "message_too_long"
    message = "A message has at most {limit} characters."


class MessageUnprintable(Invalid):
    code = "message_unprintable"
    message = "A message cannot hold NUL characters or halves of characters."


class RoomNameInvalid(Invalid):
    code = "room_invalid"
    message = "A room is named by 1 to {limit} letters, digits, “_” or “-”."


class NameInvalid(Invalid):
    code = "name_invalid"
    message = "A name has 1 to {limit} visible characters."


class PasswordTooShort(Invalid):
    code = "password_too_short"
    message = "A password has at least {limit} characters."


class PasswordTooLong(Invalid):
    code = "password_too_long"
    message = "A password has at most {limit} characters."


class PasswordCommon(Invalid):
    code = "password_common"
    message = "That password is among the first that anybody would try. Choose another one."


class EmojiInvalid(Invalid):
    code = "emoji_invalid"
    message = "This is not an emoji."


class TooManyFiles(Invalid):
    code = "too_many_files"
    message = "A message can have {limit} files at most."


class ClientIdInvalid(Invalid):
    code = "client_id_invalid"
    message = "A client_id has 1 to {limit} printable ASCII characters."


class CursorInvalid(Invalid):
    code = "cursor_invalid"
    message = "That is not the id of a message."


class PairingInvalid(Invalid):
    code = "pairing_invalid"
    message = (
        "Give as many cursors as rooms, or none, no more presence than rooms, and each room once."
    )


class TooManyRooms(Invalid):
    code = "too_many_rooms"
    message = "One request watches at most {limit} rooms."


class NumberInvalid(Invalid):
    code = "number_invalid"
    message = "A number from {low} to {high} is needed here."


class ChoiceInvalid(Invalid):
    code = "choice_invalid"
    message = "One of these is needed here: {choices}."


class PeopleInvalid(Invalid):
    code = "people_invalid"
    message = "Name 1 to {limit} other people."


class QueryInvalid(Invalid):
    code = "query_invalid"
    message = "Look for 1 to {words} words, in at most {limit} characters."


class MomentInvalid(Invalid):
    code = "moment_invalid"
    message = "A date is needed here, like 2026-01-31."


class NextInvalid(Invalid):
    code = "next_invalid"
    message = "The address to go on to has to be a path of this site."


class RoomTextInvalid(Invalid):
    code = "room_text_invalid"
    message = "This has at most {limit} characters, in one line."


class Unreadable(Invalid):
    code = "unreadable"
    message = "The request cannot be read: it is neither valid form data nor valid JSON in UTF-8."


class ContentTypeUnknown(Invalid):
    code = "content_type_unknown"
    message = "Send a form (application/x-www-form-urlencoded) or JSON (application/json)."


class FileEmpty(Invalid):
    code = "file_empty"
    message = "The file is empty."


class EncodingUnknown(Invalid):
    code = "encoding_unknown"
    message = "Send the file as it is, without a Content-Encoding."


class NotSignedIn(Refused):
    status = 401
    code = "not_signed_in"
    message = "This needs a session: open a room in the browser, or ask for a token."


class SomebodyElse(Refused):
    """The session is not that of the person who was named as the author."""

    status = 401
    code = "somebody_else"
    message = "You are somebody else now than when this was written. Load the page again."


class SignInFailed(Refused):
    """The same for a name that nobody has, that of a guest, a wrong password, and somebody who is kept out."""

    status = 401
    code = "sign_in_failed"
    message = "The name or the password is wrong."


class Forbidden(Refused):
    status = 403
    code = "forbidden"
    message = "The request did not come from a page of this site. Reload the page and try again."


class PasswordWrong(Refused):
    """Whoever asks is signed in, but has to prove that they are not a thief of the session."""

    status = 403
    code = "password_wrong"
    message = "That is not your password."


class NotAllowed(Refused):
    """Whoever asks is known, and sees the room, but others have a say in it."""

    status = 403
    code = "not_allowed"
    message = "You may not do that here."


class Muted(NotAllowed):
    code = "muted"
    message = "A moderator does not let you speak here just now."


class RoomReadOnly(NotAllowed):
    code = "room_read_only"
    message = "Only moderators speak here."


class NotFound(Refused):
    """There is nothing here *for whoever asks*: what is forbidden is simply not found."""

    status = 404
    code = "not_found"
    message = "There is nothing here."


class MethodNotAllowed(Refused):
    status = 405
    code = "method_not_allowed"
    message = "This address does not take that method."


class ClientIdReused(Refused):
    status = 409
    code = "client_id_reused"
    message = "This client_id was used for another message."


class NameTaken(Refused):
    status = 409
    code = "name_taken"
    message = "This name, or one that looks like it, belongs to somebody else."


class AccountExists(Refused):
    status = 409
    code = "account_exists"
    message = "You have an account already."


class NoAccount(Refused):
    status = 409
    code = "no_account"
    message = "This needs an account: choose a password first."


class TooManyTokens(Refused):
    status = 409
    code = "too_many_tokens"
    message = "You have {limit} tokens already. End one of them first."


class OwnerStays(Refused):
    status = 409
    code = "owner_stays"
    message = "Make somebody else the owner first."


class RoomFull(Refused):
    status = 409
    code = "room_full"
    message = "A room has room for at most {limit} members, and for as many who are kept out."


class TooManyEmoji(Refused):
    status = 409
    code = "too_many_emoji"
    message = "There are {limit} different emoji under this message already."


class TooManyIgnored(Refused):
    status = 409
    code = "too_many_ignored"
    message = "You can ignore at most {limit} people."


class QuotaReached(Refused):
    status = 409
    code = "quota_reached"
    message = "Your files have at most {limit} MB together. Delete messages with files first."


class FilesFull(Refused):
    status = 409
    code = "files_full"
    message = "There is no room for more files on this server."


class TooLarge(Refused):
    status = 413
    code = "too_large"
    message = "A request has at most {limit} bytes."


class FileTooLarge(TooLarge):
    code = "file_too_large"
    message = "A file has at most {limit} MB."


class PictureTooLarge(TooLarge):
    """Too many pixels: decoded it would fill the memory."""

    code = "picture_too_large"
    message = "A picture has at most {limit} million pixels, all that move together."


class TooMany(Refused):
    """Whoever asks has asked too often. `wait`: seconds until they may ask again, rounded up to whole ones."""

    status = 429
    code = "too_many_requests"
    message = "That was too much at once. Try again in {seconds} s."

    def __init__(self, wait: float) -> None:
        self.retry_after = ceil(wait)
        super().__init__(seconds=self.retry_after)


class SlowMode(TooMany):
    """Somebody has just spoken in a room in which nobody speaks that often."""

    code = "slow_mode"
    message = "This room is slow: you may speak again in {seconds} s."


class Unavailable(ChatroomError):
    """Nothing was taken; the same request may be sent again after `retry_after` seconds."""

    status = 503
    code = "unavailable"
    message = "The server cannot do that just now. Try again in a moment."
    retry_after = 1


class StorageFailing(Unavailable):
    code = "storage_failing"
    message = "The message could not be stored and was not taken. Try again in a moment."
    retry_after = 5


class StorageBusy(Unavailable):
    code = "storage_busy"
    message = "Too much is waiting to be stored. Try again in a moment."


class PasswordsBusy(Unavailable):
    code = "passwords_busy"
    message = "Too many passwords are being checked. Try again in a moment."


class UploadsBusy(Unavailable):
    code = "uploads_busy"
    message = "Too many files are being sent. Try again in a moment."
    retry_after = 5


class SearchBusy(Unavailable):
    code = "search_busy"
    message = (
        "Looking for that takes too long just now. Try again in a moment, or look for rarer words."
    )
    retry_after = 2


class Closing(Unavailable):
    code = "closing"
    message = "The server is restarting. Try again in a moment."
    retry_after = 2


class Broken(ChatroomError):
    """A fault of ours: the cause is in the server's log and nowhere else."""

    status = 500
    code = "broken"
    message = "The server made a mistake. It has been noted."


class StorageRefused(Exception):
    """The file cannot be served as it is: damaged, of a newer release, or in use. One line says why."""
