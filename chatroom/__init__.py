"""A chatroom on long polling.

The package in reading order.

Core, without I/O, clock, randomness or `await`; each file imports only earlier ones:

    errors      what can go wrong on purpose
    people      who is speaking
    confusables which character is taken for which, a table of Unicode
    lookalikes  which names could be taken for each other
    message     what is said: drafts, messages, the names of rooms
    deed        what is done: deeds, and the acts that they become
    statutes    what acts lay down in a room
    order       who may come in, speak, and say what is done
    founding    how rooms begin, by their names
    mention     who is spoken to
    cursor      a position in a log, and what is owed to whoever stands there
    news        what one reply says of one room
    shapes      what is told, field by field
    wire        the one encoding
    buffer      the bounded message buffer and its waiters
    presence    who is here, and who types
    room        a room in memory, and what its readers are owed
    rooms       rooms by name, and the door through which entries come in
    poll        what somebody asks of the log
    words       what a text is found by
    fields      what else stands in a request

Shell:

    settings    what an operator may choose
    text        Markdown to safe HTML
    engines/    where log, people and files are kept; `base`, with `people` and `files`, is the seam
    sessions    who is asking
    passwords   what a password may be, and who knows theirs
    marks       whether anything of somebody's own has changed
    proxies     who is at the other end
    holds       how many polls may be held
    buckets     token buckets
    rates       how often one person and one address may ask
    tries       how often a password may be tried
    accounts    claimed names, signing in, and administrators
    redraw      a picture drawn anew, by a process of its own
    pictures    which files are pictures, and their drawing
    uploads     files on their way in
    drafting    what a request says becomes a draft
    rendering   a message as HTML
    inflight    which requests are being answered
    attendance  looks who is here, every few seconds
    held        a poll that a handler holds
    standing    where the readers of a poll stand
    backlog     what rooms do not hold in memory
    chat        posting, catching up, holding: long polling apart from HTTP
    conduct     what people do to rooms and to each other
    doors       what lets people into a room
    parts       what answering a request may need
    arguments   the arguments of a request
    languages   English and Chinese
    joining     scripts and styles with what they import, in one piece
    packing     scripts and styles in gzip
    export      a room to be taken away
    export_page the same, to be read offline
    handlers/   one file per resource
    server/     the HTTP/1.1 connection under Tornado, and the short way of polls and posts
    app         puts it all together
    serve       from settings to a process that listens, and to its orderly end
"""
