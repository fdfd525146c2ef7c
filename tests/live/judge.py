#!/usr/bin/env python3
"""moto's server as a judge of policies: judge.py PORT

moto decides on requests once enforcement is on, but compares signatures of body-less requests wrongly, takes only "*" as
a wildcard and with case, and knows the resource of S3 requests alone. Here signatures count as good, actions match as
IAM has it, and outside S3 every Resource matches: what is judged is actions everywhere, and resources in S3.
"""
import re
import sys

import moto.iam.access_control as control
import moto.s3.responses as s3
from moto.server import main


def glob(pattern, text, fold):
    parts = (".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern)
    return re.fullmatch("".join(parts), text, re.S | (re.I if fold else 0)) is not None


def element_matches(self, element, value):
    patterns = self._statement[element]
    patterns = [patterns] if isinstance(patterns, str) else patterns
    if "Resource" in element and not value.startswith("arn:aws:s3:"):
        return True
    return any(glob(p, value, "Action" in element) for p in patterns)


# Where moto's name for an operation is not IAM's: signing names, and S3's actions.
PREFIXES = {"monitoring": "cloudwatch", "events": "events", "states": "states"}


def named(init):
    def wrapped(self, *args, **kwargs):
        init(self, *args, **kwargs)
        service, name = self._action.split(":", 1)
        self._action = "%s:%s" % (PREFIXES.get(service, service), re.sub(r"_?20\d\d_?\d\d_?\d\d(v\d)?$", "", name))

    return wrapped


control.IAMRequestBase.__init__ = named(control.IAMRequestBase.__init__)
# What moto has no name for in S3 it takes for ListBucket and CreateBucket; HeadBucket is no action of IAM's.
s3.ACTION_MAP["BUCKET"]["HEAD"]["DEFAULT"] = "ListBucket"
s3.ACTION_MAP["BUCKET"]["GET"].update({
    "encryption": "GetEncryptionConfiguration", "object-lock": "GetBucketObjectLockConfiguration", "publicAccessBlock": "GetBucketPublicAccessBlock",
    "replication": "GetReplicationConfiguration", "requestPayment": "GetBucketRequestPayment"})

control.IAMRequestBase.check_signature = lambda self: None
control.IAMPolicyStatement._check_element_matches = element_matches
if __name__ == "__main__":
    main(["-H", "127.0.0.1", "-p", sys.argv[1]])
