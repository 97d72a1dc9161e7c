"""The HTTP/1.1 connection under Tornado, and the short way of held polls.

In reading order:

head        the head of a request
chunks      the body of a request in chunks
exchange    the long way: one request and its reply, by way of Tornado
detached    the socket, given up for another protocol
connection  one client: bytes in, bytes out, whose turn it is
admission   a head that is recognised when it comes again
place       who waits at the same place, and how they are told
polls       the short way
server      Tornado's HTTPServer on these connections
"""
