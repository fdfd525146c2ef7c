#!/usr/bin/env python3
"""csm-client.py - stands in for an AWS SDK with client-side monitoring: reports calls to where the environment says.

usage: csm-client.py SERVICE.OPERATION[=STATUS[,CODE]]...
"""
import json
import os
import socket
import sys
import time

SECRET = "IQoJb3JpZ2luX2VjEXAMPLESESSIONTOKEN"


def main():
    if os.environ.get("AWS_CSM_ENABLED") != "true":
        return
    host, port = os.environ.get("AWS_CSM_HOST", "127.0.0.1"), int(os.environ.get("AWS_CSM_PORT", "31000"))
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    out = socket.socket(family, socket.SOCK_DGRAM)
    for number, word in enumerate(sys.argv[1:]):
        name, _, answer = word.partition("=")
        service, operation = name.rsplit(".", 1)
        status, _, code = (answer or "200").partition(",")
        now = int(time.time() * 1000)
        common = {"Version": 1, "ClientId": os.environ.get("AWS_CSM_CLIENT_ID", ""), "Service": service, "Api": operation,
                  "Region": "us-east-1", "Timestamp": now, "UserAgent": "test-sdk/1.0"}
        attempt = {**common, "Type": "ApiCallAttempt", "AttemptLatency": 3, "Fqdn": "example.amazonaws.com",
                   "AccessKey": "AKIAIOSFODNN7EXAMPLE", "SessionToken": SECRET, "HttpStatusCode": int(status),
                   "XAmznRequestId": f"request-{os.getpid()}-{number}"}
        call = {**common, "Type": "ApiCall", "Latency": 5, "AttemptCount": 1, "FinalHttpStatusCode": int(status),
                "MaxRetriesExceeded": 0}
        if code:
            attempt["AwsException"] = call["FinalAwsException"] = code
            text = "it is not there" if "Denied" not in code else f"User: arn:aws:iam::111122223333:user/alice is not authorized to perform: {service.lower()}:{operation} " \
                   f"on resource: arn:aws:s3:::example because no identity-based policy allows the " \
                   f"{service.lower()}:{operation} action"
            attempt["AwsExceptionMessage"] = call["FinalAwsExceptionMessage"] = text
        for datagram in (attempt, call):
            out.sendto(json.dumps(datagram).encode(), (host, port))


main()
