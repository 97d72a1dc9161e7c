"""The HTTP/1.1 connection under Tornado, and the short way of polls and posts.

In reading order:

head        the head of a request
chunks      the body of a request in chunks
exchange    the long way: one request and its reply, by way of Tornado
detached    the socket, given up for another protocol
sender      the sending half of a connection
connection  one client: bytes in, bytes out, whose turn it is
admission   heads that are recognised when they come again
frame       replies without Tornado
place       who waits at the same place, and how they are told
polls       the short way of a poll
posts       the short way of a post
short_way   both
server      Tornado's HTTPServer on these connections
"""
