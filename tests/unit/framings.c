/* framings.c - see framings.h. */
#include "framings.h"

#include "proxy-rig.h"

/* clang-format off */
#define TEXT(t) t, sizeof(t) - 1
#define C(t) {CLIENT_SENDS, TEXT(t), NULL, 0, 0}
#define C_AS(t, other) {CLIENT_SENDS, TEXT(t), TEXT(other), 0}
/* Sent at once, of which ahead waits until the answer has passed. */
#define C_AHEAD(now, ahead) {CLIENT_SENDS, TEXT(now ahead), NULL, 0, sizeof(ahead) - 1}
#define C_AHEAD_AS(now, as_now, ahead, as_ahead) \
	{CLIENT_SENDS, TEXT(now ahead), TEXT(as_now as_ahead), sizeof(as_ahead) - 1}
#define ARRIVES {HELD_ARRIVES, NULL, 0, NULL, 0, 0}
#define ARRIVES_BUT(ahead) {HELD_ARRIVES, NULL, 0, NULL, 0, sizeof(ahead) - 1}
#define S(t) {SERVER_SENDS, TEXT(t), NULL, 0, 0}
#define ONLY(kind) {kind, NULL, 0, NULL, 0, 0}
#define GET "GET /a?b=c HTTP/1.1\r\nHost: " HOST "\r\n\r\n"
#define POST(fields) "POST / HTTP/1.1\r\nHost: " HOST "\r\n" fields "\r\n"
#define EVERY_BYTE \
	"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f" \
	"\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f" \
	" !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmno" \
	"pqrstuvwxyz{|}~\x7f" \
	"\x80\x81\x82\x83\x84\x85\x86\x87\x88\x89\x8a\x8b\x8c\x8d\x8e\x8f" \
	"\x90\x91\x92\x93\x94\x95\x96\x97\x98\x99\x9a\x9b\x9c\x9d\x9e\x9f" \
	"\xa0\xa1\xa2\xa3\xa4\xa5\xa6\xa7\xa8\xa9\xaa\xab\xac\xad\xae\xaf" \
	"\xb0\xb1\xb2\xb3\xb4\xb5\xb6\xb7\xb8\xb9\xba\xbb\xbc\xbd\xbe\xbf" \
	"\xc0\xc1\xc2\xc3\xc4\xc5\xc6\xc7\xc8\xc9\xca\xcb\xcc\xcd\xce\xcf" \
	"\xd0\xd1\xd2\xd3\xd4\xd5\xd6\xd7\xd8\xd9\xda\xdb\xdc\xdd\xde\xdf" \
	"\xe0\xe1\xe2\xe3\xe4\xe5\xe6\xe7\xe8\xe9\xea\xeb\xec\xed\xee\xef" \
	"\xf0\xf1\xf2\xf3\xf4\xf5\xf6\xf7\xf8\xf9\xfa\xfb\xfc\xfd\xfe\xff"
/* "hello, hello, hello\n" by gzip -n. */
#define GZIP \
	"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcb\x48\xcd\xc9\xc9\xd7\x51\xc8\x40\x25\xb8\x00" \
	"\x3a\x6f\xd3\xa6\x14\x00\x00\x00"
/* Two messages as Kinesis streams them: lengths, CRCs, a header, a payload. */
#define EVENT \
	"\x00\x00\x00\x2b\x00\x00\x00\x15\x1c\x0a\x0d\x00\x0b:event-type\x07\x00\x06Record{\"a\":" \
	"1}\r\n\r\n\xde\xad\xbe\xef"

const struct framing http_framings[] = {
	{"no body", 1, false, {C(GET), S(OK)}},
	{"length 0", 1, false,
	 {C(POST("Content-Length: 0\r\n")), S("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")}},
	{"length 1", 1, false,
	 {C(POST("Content-Length: 1\r\n") "\n"),
	  S("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n\r")}},
	{"a call in JSON", 1, false,
	 {C(CALL("Content-Length: 13\r\n", "{\"Limit\": 10}")),
	  S("HTTP/1.1 400 Bad Request\r\nx-amzn-RequestId: 7d1f\r\nContent-Type: application/"
	    "x-amz-json-1.0\r\nContent-Length: 72\r\n\r\n{\"__type\":\"com.amazon.coral.service#"
	    "AccessDeniedException\",\"Message\":\"\"}")}},
	{"length with zeros in front", 1, false,
	 {C(POST("Content-Length: 0003\r\n") "abc"),
	  S("HTTP/1.1 200 OK\r\ncontent-length:003\r\n\r\nabc")}},
	{"bodies that look like heads", 1, false,
	 {C(POST("Content-Length: 39\r\n") "GET / HTTP/1.1\r\nContent-Length: 9\r\n\r\n\r\n"),
	  S("HTTP/1.1 200 OK\r\nContent-Length: 35\r\n\r\nHTTP/1.1 204 No\r\nX: y\r\n\r\n"
	    "0\r\n\r\n0\r\n\r\n")}},
	{"every byte value by length", 1, false,
	 {C(POST("Content-Length: 256\r\n") EVERY_BYTE),
	  S("HTTP/1.1 200 OK\r\nContent-Length: 256\r\n\r\n" EVERY_BYTE)}},
	{"every byte value in chunks", 1, false,
	 {C(POST("Transfer-Encoding: chunked\r\n") "100\r\n" EVERY_BYTE "\r\n0\r\n\r\n"),
	  S("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n100\r\n" EVERY_BYTE
	    "\r\n0\r\n\r\n")}},
	{"gzip", 1, false,
	 {C(POST("Content-Encoding: gzip\r\nContent-Length: 31\r\n") GZIP "\n"),
	  S("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n1e\r\n"
	    GZIP "\r\n0\r\n\r\n")}},

	/* chunks */
	{"chunked", 1, false,
	 {C(POST("Transfer-Encoding: chunked\r\n") "2\r\n{}\r\n0\r\n\r\n"),
	  S("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n")}},
	{"chunked without content", 1, false,
	 {C(POST("Transfer-Encoding: chunked\r\n") "0\r\n\r\n"),
	  S("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")}},
	{"chunked with extensions, upper case, zeros, spaces and trailers", 1, false,
	 {C(POST("tRANSFER-eNCODING:\tChunked \r\nTrailer: x-t, y\r\nTE: trailers\r\n")
	    "A;name=\"a; b\";flag\r\n0123456789\r\n00c \r\n0\r\n\r\n4567\r\nX\r\n"
	    "1\t;\xe4\r\n\r\r\n000;last\r\nx-t: 1\r\nY:\r\nx-t:\t \xfcnt\xe9rm \r\n\r\n"),
	  S("HTTP/1.1 200 OK\r\nTransfer-Encoding: CHUNKED\r\n\r\nF;x\r\n0123456789abcde\r\n"
	    "0\r\nx-amz-checksum-crc32: AAAAAA==\r\nEtag: \"x\"\r\n\r\n")}},
	{"chunked over another coding", 1, false,
	 {C(GET), S("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n1e\r\n" GZIP
	            "\r\n0\r\n\r\n")}},
	{"aws-chunked inside chunked", 1, false,
	 {C("PUT /bucket/key HTTP/1.1\r\nHost: " HOST "\r\nTransfer-Encoding: chunked\r\n"
	    "Content-Encoding: aws-chunked\r\nx-amz-trailer: x-amz-checksum-crc32\r\n"
	    "x-amz-decoded-content-length: 11\r\n"
	    "x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER\r\n\r\n"
	    "10\r\nb\r\nhello world\r\n\r\n3\r\n0\r\n\r\n21\r\n"
	    "x-amz-checksum-crc32:DUoRhQ==\r\n\r\n"
	    "\r\n0\r\n\r\n"),
	  S("HTTP/1.1 200 OK\r\nETag: \"5eb6\"\r\nContent-Length: 0\r\n\r\n")}},
	{"aws-chunked by length", 1, false,
	 {C("PUT /bucket/key HTTP/1.1\r\nHost: " HOST "\r\nContent-Length: 175\r\n"
	    "Content-Encoding: aws-chunked\r\nx-amz-decoded-content-length: 3\r\n"
	    "x-amz-content-sha256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD\r\n\r\n"
	    "3;chunk-signature=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\r\n"
	    "abc\r\n"
	    "0;chunk-signature=fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210\r\n"
	    "\r\n"),
	  S("HTTP/1.1 200 OK\r\nETag: \"9001\"\r\nContent-Length: 0\r\n\r\n")}},
	{"event stream", 1, false,
	 {C(POST("Content-Length: 2\r\n") "{}"),
	  S("HTTP/1.1 200 OK\r\nContent-Type: application/vnd.amazon.eventstream\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n"),
	  S("30\r\n" EVENT "\r\n"), S("60\r\n" EVENT), S(EVENT "\r\n"), S("0\r\n\r\n")}},

	/* 100-continue */
	{"100-continue", 1, false,
	 {C(POST("Expect: 100-continue\r\nContent-Length: 3\r\n")),
	  S("HTTP/1.1 100 Continue\r\n\r\n"), C("abc"), S(OK)}},
	{"100-continue with fields and chunks", 1, false,
	 {C(POST("expect:100-Continue\r\nTransfer-Encoding: chunked\r\n")),
	  S("HTTP/1.1 100 \r\nX: y\r\nContent-Length: 7\r\n\r\n"),
	  C("3\r\nabc\r\n0\r\nt: u\r\n\r\n"),
	  S(OK)}},
	{"100-continue not waited for", 1, false,
	 {C(POST("Expect: 100-continue\r\nContent-Length: 3\r\n") "abc"),
	  S("HTTP/1.1 100 Continue\r\n\r\n" OK)}},
	{"100-continue never said", 1, false,
	 {C(POST("Expect: 100-continue\r\nContent-Length: 3\r\n")), C("abc"), S(OK)}},
	{"417, and the body all the same", 2, false,
	 {C(POST("Expect: 100-continue\r\nContent-Length: 3\r\n")),
	  S("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n"), C("abc"), C(GET),
	  S(OK)}},
	{"403 instead of 100, and the end", 1, true,
	 {C(POST("Expect: 100-continue\r\nContent-Length: 3\r\n")),
	  S("HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 5\r\n\r\n<no/>"),
	  ONLY(SERVER_ENDS), ONLY(CLIENT_SEES_END), ONLY(SERVER_SEES_END)}},
	{"403 in the middle of a body", 2, false,
	 {C(POST("Transfer-Encoding: chunked\r\n") "5\r\nab"),
	  S("HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<no"), C("cde\r\n"),
	  S("/>\r\n0\r\n\r\n"), C("0\r\n\r\n"), C(GET), S(OK)}},
	{"other interim answers", 1, false,
	 {C(GET), S("HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n"
	    "\r\n"),
	  S("HTTP/1.1 103 Early Hints\r\nLink: </b>\r\nTransfer-Encoding: chunked\r\n\r\n" OK)}},
	{"another expectation", 1, false,
	 {C(POST("Expect: 200-maybe\r\nContent-Length: 1\r\n") "x"), S(OK)}},

	/* answers whose head says more than there is */
	{"HEAD with a length", 1, false,
	 {C("HEAD /k HTTP/1.1\r\nHost: " HOST "\r\n\r\n"),
	  S("HTTP/1.1 200 OK\r\nContent-Length: 999\r\nAccept-Ranges: bytes\r\n\r\n")}},
	{"HEAD with chunks, then GET", 2, false,
	 {C("HEAD /k HTTP/1.1\r\nHost: " HOST "\r\n\r\n"),
	  S("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), C(GET), S(OK)}},
	{"HEAD without either", 2, false,
	 {C("HEAD /k HTTP/1.1\r\nHost: " HOST "\r\n\r\n"), S("HTTP/1.1 404 Not Found\r\n\r\n"),
	  C(GET), S(OK)}},
	{"204", 1, false, {C(GET), S("HTTP/1.1 204 No Content\r\nx-amz-request-id: A1\r\n\r\n")}},
	{"204 with a length", 1, false,
	 {C("DELETE /k HTTP/1.1\r\nHost: " HOST "\r\n\r\n"),
	  S("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n")}},
	{"304 with a length", 1, false,
	 {C("GET /k HTTP/1.1\r\nHost: " HOST "\r\nIf-None-Match: \"e\"\r\n\r\n"),
	  S("HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\nETag: \"e\"\r\n\r\n")}},
	{"206", 1, false,
	 {C("GET /k HTTP/1.1\r\nHost: " HOST "\r\nRange: bytes=2-4\r\n\r\n"),
	  S("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 2-4/9\r\n"
	    "Content-Length: 3\r\n\r\n"
	    "234")}},
	{"412", 1, false,
	 {C("PUT /k HTTP/1.1\r\nHost: " HOST "\r\nIf-Match: \"e\"\r\nContent-Length: 1\r\n\r\nx"),
	  S("HTTP/1.1 412 Precondition Failed\r\nContent-Type: application/xml\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n2e\r\n<Error><Code>PreconditionFailed</Code></Error>"
	    "\r\n0\r\n\r\n")}},
	{"an error inside 200", 1, false,
	 {C(GET), S("HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nContent-Length: 43\r\n\r\n"
	            "\n\n<Error><Code>InternalError</Code></Error>")}},

	/* answers that end with the connection */
	{"until the end", 1, true,
	 {C(GET), S("HTTP/1.1 200 OK\r\n\r\nuntil the end\r\n\r\n"), ONLY(SERVER_ENDS),
	  ONLY(CLIENT_SEES_END), ONLY(SERVER_SEES_END)}},
	{"until the end in HTTP/1.0, in parts", 1, true,
	 {C(GET), S("HTTP/1.0 200 OK\r\n\r\n"), S("HTTP/1.0 "), S("500 Oops\r\n\r\n"),
	  ONLY(SERVER_ENDS), ONLY(CLIENT_SEES_END), ONLY(SERVER_SEES_END)}},
	{"until the end, and nothing there", 1, true,
	 {C(GET), S("HTTP/1.0 200 OK\r\nContent-Type: x\r\n\r\n"), ONLY(SERVER_ENDS),
	  ONLY(CLIENT_SEES_END), ONLY(SERVER_SEES_END)}},
	{"until the end by its coding", 1, true,
	 {C(GET), S("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n" GZIP), ONLY(SERVER_ENDS),
	  ONLY(CLIENT_SEES_END), ONLY(SERVER_SEES_END)}},
	{"the client closes", 1, true,
	 {C("GET / HTTP/1.1\r\nHost: " HOST "\r\nConnection: Close\r\n\r\n"), S(OK),
	  ONLY(CLIENT_ENDS), ONLY(SERVER_SEES_END), ONLY(CLIENT_SEES_END)}},
	{"the server closes", 1, true,
	 {C(GET), S("HTTP/1.1 200 OK\r\nConnection: foo, close\r\nContent-Length: 2\r\n\r\n{}"),
	  ONLY(SERVER_ENDS), ONLY(CLIENT_SEES_END), ONLY(SERVER_SEES_END)}},
	{"the server closes without a word", 1, true,
	 {C(GET), S(OK), ONLY(SERVER_ENDS), ONLY(CLIENT_SEES_END), ONLY(SERVER_SEES_END)}},
	{"the client has said all", 1, true,
	 {C(POST("Content-Length: 2\r\n") "{}"), ONLY(CLIENT_ENDS), S(OK), ONLY(CLIENT_SEES_END),
	  ONLY(SERVER_SEES_END)}},
	{"HTTP/1.0 without Host", 1, true,
	 {C("GET / HTTP/1.0\r\n\r\n"), S("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}"),
	  ONLY(SERVER_ENDS), ONLY(CLIENT_SEES_END), ONLY(SERVER_SEES_END)}},
	{"HTTP/1.0 kept alive", 2, false,
	 {C("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"),
	  S("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\n{}"),
	  C("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\nHost: " HOST "\r\n\r\n"), S(OK)}},

	/* several calls */
	{"calls in a row", 4, false,
	 {C(GET), S(OK), C(POST("Content-Length: 2\r\n") "{}"),
	  S("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n0\r\nt: u\r\n\r\n"),
	  C("HEAD / HTTP/1.1\r\nHost: " HOST "\r\n\r\n"),
	  S("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"),
	  C(POST("Transfer-Encoding: chunked\r\n") "1\r\n}\r\n0\r\nt: u\r\n\r\n"),
	  S("HTTP/1.1 204 No Content\r\n\r\n")}},
	{"two calls sent together", 2, false,
	 {C_AHEAD(POST("Content-Length: 2\r\n") "{}", GET), S(OK), ARRIVES, S(OK)}},
	{"four calls sent together", 4, false,
	 {C_AHEAD("HEAD /1 HTTP/1.1\r\nHost: " HOST "\r\n\r\n",
	          POST("Transfer-Encoding: chunked\r\n") "1\r\n2\r\n0\r\n\r\n" GET GET),
	  S("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"), ARRIVES_BUT(GET GET),
	  S("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n2."), ARRIVES_BUT(GET),
	  S("HTTP/1.1 204 Three\r\n\r\n"), ARRIVES,
	  S("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n4.")}},
	{"four calls sent together, and the end of the client", 4, true,
	 {C_AHEAD("GET /1 HTTP/1.1\r\nHost: " HOST "\r\n\r\n",
	          POST("Content-Length: 2\r\n") "{}" GET GET),
	  ONLY(CLIENT_ENDS), S(OK), ARRIVES_BUT(GET GET), S(OK), ARRIVES_BUT(GET), S(OK), ARRIVES,
	  S("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n4."), ONLY(CLIENT_SEES_END),
	  ONLY(SERVER_SEES_END)}},
	{"empty lines in front and between", 3, false,
	 {C("\r\n" GET), S(OK), C("\r\n\r\n" POST("Content-Length: 2\r\n") "{}"), S(OK),
	  C("\r\n" GET), S(OK)}},

	/* away from HTTP */
	{"upgraded", 1, true,
	 {C("GET /ws HTTP/1.1\r\nHost: " HOST "\r\nConnection: keep-alive, Upgrade\r\n"
	    "Upgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"),
	  S("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
	    "\r\n"),
	  C("\x81\x85\x01\x02\x03\x04iigho"), S("\x81\x05hello\r\n\r\n"),
	  C("GET / HTTP/1.1\r\n\r\n\x00"), S("HTTP/1.1 200 OK\r\nHTTP\r\n\r\n\x00"),
	  ONLY(SERVER_ENDS), ONLY(CLIENT_SEES_END), ONLY(CLIENT_ENDS), ONLY(SERVER_SEES_END)}},
	{"upgraded, words on both sides at once", 1, true,
	 {C_AHEAD("GET /ws HTTP/1.1\r\nHost: " HOST "\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
	          "\x01 early"),
	  S("HTTP/1.1 101 \r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n\x02 first"), ARRIVES,
	  C("\x03"), S("\x04"), ONLY(CLIENT_ENDS), ONLY(SERVER_SEES_END), ONLY(SERVER_ENDS),
	  ONLY(CLIENT_SEES_END)}},
	{"upgrade declined", 2, false,
	 {C("GET /ws HTTP/1.1\r\nHost: " HOST "\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n"),
	  S("HTTP/1.1 426 Upgrade Required\r\nUpgrade: x\r\nContent-Length: 1\r\n\r\n-"), C(GET),
	  S(OK)}},

	/* odd, and allowed */
	{"odd requests", 1, false,
	 {C("M-SEARCH!#$%&'*+.^_`|~ //a/../%2e%2E/\xe4?&&=;#'\"<>\\^`{|}\xff HTTP/1.1\r\n"
	    "accept:\r\nhOST:\t " HOST "\t \r\n!#$%&'*+-.^_`|~9: y\r\n"
	    "X-Obs: \x80\xff\xa0 \xc3\xa4 \xf0\x9f\x98\x80\r\nx-tab: a\tb  c\r\nACCEPT: a , ,,b\r\n"
	    "x-amz-meta-a: 1\r\nX-Amz-Meta-A:1\r\nx-empty:   \r\nProxy-Connection: keep-alive\r\n"
	    "Proxy-Authorization: Basic dTpw\r\nCookie: a=1\r\nCookie: b=2\r\nVia: 1.1 me\r\n"
	    "X-Forwarded-For: 1.2.3.4\r\nKeep-Alive: timeout=5\r\nDate: x\r\nC:::\r\n\r\n"),
	  S(OK)}},
	{"odd answers", 4, false,
	 {C(GET),
	  S("HTTP/1.1 200\r\nset-cookie: a=1\r\nSet-Cookie: b=2\r\nX:\r\nY: \t \r\n"
	    "Server:\xe4\xff\r\n"
	    "CONTENT-LENGTH:\t2 \r\nConnection: keep-alive\r\nconnection:\r\n\r\n{}"),
	  C(GET), S("HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n"), C(GET),
	  S("HTTP/1.1 599 \xfc \t ber: 99\r\nContent-Length: 1\r\nX: : :\r\n\r\n:"), C(GET),
	  S("HTTP/1.1 299  two  spaces \r\nTransfer-Encoding:chunked\r\n\r\n0\r\n\r\n")}},
	{"Host in its spellings", 3, false,
	 {C("GET / HTTP/1.1\r\nHost: " HOST ":443\r\n\r\n"), S(OK),
	  C("GET / HTTP/1.1\r\nHost:DynamoDB.US-East-1.amazonaws.com\r\n\r\n"), S(OK),
	  C("GET / HTTP/1.1\r\nhost: " HOST ".\r\n\r\n"), S(OK)}},
	{"asterisk", 1, false, {C("OPTIONS * HTTP/1.1\r\nHost: " HOST "\r\n\r\n"), S(OK)}},
	{NULL, 0, false, {ONLY(STEPS_END)}},
};

#define ABS "GET http://" HOST "/a?b=c HTTP/1.1\r\nHost: " HOST "\r\n\r\n"

const struct framing absolute_framings[] = {
	{"GET of a URL", 1, false, {C_AS(ABS, GET), S(OK)}},
	{"URLs in their spellings", 5, false,
	 {C_AS("GET HTTP://" HOST " HTTP/1.1\r\nHost: " HOST "\r\n\r\n",
	       "GET / HTTP/1.1\r\nHost: " HOST "\r\n\r\n"), S(OK),
	  C_AS("GET http://" HOST "?x=http://y/ HTTP/1.1\r\nHost: " HOST "\r\n\r\n",
	       "GET /?x=http://y/ HTTP/1.1\r\nHost: " HOST "\r\n\r\n"), S(OK),
	  C_AS("GET http://" HOST ":80/ HTTP/1.1\r\nhost:" HOST ":80\r\n\r\n",
	       "GET / HTTP/1.1\r\nhost:" HOST ":80\r\n\r\n"), S(OK),
	  C_AS("GET http://DYNAMODB.us-east-1.amazonaws.com//%41\xe4 HTTP/1.1\r\nHost: " HOST
	       "\r\n\r\n", "GET //%41\xe4 HTTP/1.1\r\nHost: " HOST "\r\n\r\n"), S(OK),
	  C_AS("GET http://" HOST "/ HTTP/1.0\r\n\r\n", "GET / HTTP/1.0\r\n\r\n"), S(OK)}},
	{"OPTIONS of a server", 2, false,
	 {C_AS("OPTIONS http://" HOST " HTTP/1.1\r\nHost: " HOST "\r\n\r\n",
	       "OPTIONS * HTTP/1.1\r\nHost: " HOST "\r\n\r\n"), S(OK),
	  C_AS("OPTIONS http://" HOST "/ HTTP/1.1\r\nHost: " HOST "\r\n\r\n",
	       "OPTIONS / HTTP/1.1\r\nHost: " HOST "\r\n\r\n"), S(OK)}},
	{"fields meant for the proxy", 1, false,
	 {C_AS("POST http://" HOST "/ HTTP/1.1\r\nProxy-Connection: keep-alive\r\nA:\r\n"
	       "proxy-authorization: Basic dTpw\r\nHost:" HOST "\r\nProxy-Connections: b\r\n"
	       "X-Proxy-Connection: c\r\nContent-Length: 30\r\nPROXY-CONNECTION:\r\n\r\n"
	       "Proxy-Connection: keep-alive\r\n",
	       "POST / HTTP/1.1\r\nA:\r\nHost:" HOST "\r\nProxy-Connections: b\r\n"
	       "X-Proxy-Connection: c\r\nContent-Length: 30\r\n\r\n"
	    "Proxy-Connection: keep-alive\r\n"),
	  S("HTTP/1.1 200 OK\r\nProxy-Connection: keep-alive\r\nContent-Length: 2\r\n\r\n{}")}},
	{"chunks, and an empty line in front", 1, false,
	 {C_AS("\r\nPUT http://" HOST "/k HTTP/1.1\r\nHost: " HOST "\r\nTransfer-Encoding: chunked"
	       "\r\n\r\n3\r\nabc\r\n0\r\nProxy-Connection: t\r\n\r\n",
	       "PUT /k HTTP/1.1\r\nHost: " HOST "\r\nTransfer-Encoding: chunked"
	       "\r\n\r\n3\r\nabc\r\n0\r\nProxy-Connection: t\r\n\r\n"),
	  S(OK)}},
	{"100-continue", 1, false,
	 {C_AS("PUT http://" HOST "/k HTTP/1.1\r\nHost: " HOST "\r\nExpect: 100-continue\r\n"
	       "Content-Length: 3\r\n\r\n", "PUT /k HTTP/1.1\r\nHost: " HOST
	       "\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"),
	  S("HTTP/1.1 100 Continue\r\n\r\n"), C("abc"), S(OK)}},
	{"three calls sent together", 3, false,
	 {C_AHEAD_AS("POST http://" HOST " HTTP/1.1\r\nHost: " HOST "\r\nContent-Length: 2\r\n"
	    "\r\n{}",
	             "POST / HTTP/1.1\r\nHost: " HOST "\r\nContent-Length: 2\r\n\r\n{}",
	             ABS ABS, GET GET),
	  S(OK), ARRIVES_BUT(GET), S(OK), ARRIVES, S(OK)}},
	{"until the end", 1, true,
	 {C_AS(ABS, GET), S("HTTP/1.0 200 OK\r\n\r\nall"), ONLY(SERVER_ENDS), ONLY(CLIENT_SEES_END),
	  ONLY(SERVER_SEES_END)}},
	{NULL, 0, false, {ONLY(STEPS_END)}},
};

const struct framing blind_framings[] = {
	{"no TLS, the server ends first", 0, true,
	 {C("\x10\x1a\x00\x04MQTT\x05\r\n\r\n"), S(" \x02\x00\x00"), C("\x00"),
	  S("HTTP/1.1 x\r\n\r\n"),
	  ONLY(SERVER_ENDS), ONLY(CLIENT_SEES_END), C("after all"), ONLY(CLIENT_ENDS),
	  ONLY(SERVER_SEES_END)}},
	{"HTTP, the client ends first", 0, true,
	 {C(GET GET), ONLY(CLIENT_ENDS), ONLY(SERVER_SEES_END), S(OK), S(OK "\r"),
	  ONLY(SERVER_ENDS), ONLY(CLIENT_SEES_END)}},
	{"what no relay would take for HTTP", 0, true,
	 {C("GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n" EVERY_BYTE),
	  S("HTTP/1.1 200 OK\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n" EVERY_BYTE),
	  ONLY(CLIENT_ENDS), ONLY(SERVER_SEES_END), ONLY(SERVER_ENDS), ONLY(CLIENT_SEES_END)}},
	{"a cut TLS record", 0, true,
	 {C("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"), ONLY(CLIENT_ENDS),
	  ONLY(SERVER_SEES_END),
	  S("\x15\x03\x01\x00\x02\x02\x32"), ONLY(SERVER_ENDS), ONLY(CLIENT_SEES_END)}},
	{NULL, 0, false, {ONLY(STEPS_END)}},
};
