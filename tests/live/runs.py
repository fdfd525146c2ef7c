"""A client, and one run of it: as it is, with the proxy of "capture proxy", or under "record"."""
import json
import os
import re
import shutil
import socket
import subprocess
import threading
import time

from live import CA_OF_CLOUD, CA_OF_PROXY, KEY, PROXY, TOP, Lines, calls_of, environment, moto_api

WITHOUT, THROUGH, RECORD = "without", "through", "record"
BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

# What differs from one run to the next whoever carries it: times, durations, progress, what moto makes up.
VARIES = [(re.compile(pattern), by) for pattern, by in (
    (r"\x1b\[[0-9;]*[A-Za-z]", ""),
    (r".*\r(?=[^\n])", ""),
    (r" +(?=\n)", ""),
    (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(\.\d+)?(Z|[+-]\d\d:\d\d)?", "TIME"),
    (r"\b\d{8}T\d{6}Z\b", "TIME"),
    (r"(?:\w{3}, )?\d\d \w{3} 20\d\d \d\d:\d\d:\d\d", "TIME"),
    (r"\b(1[6-9]|20)\d{8}(\d{3}|\.\d+)?\b", "TIME"),
    (r"\b\d+:\d\d:\d\d( [AP]M)?\b", "TIME"),
    (r"\b\d+(\.\d+)?m?s\b", "SPAN"),
    (r".*\[(\d+m)?SPAN elapsed\]\n", ""),
    (r"(Acquir|Releas)ing state lock\. This may take a few moments\.\.\.\n", ""),  # said only where it takes long
    (r"\b[\d.]+ seconds\b", "SPAN"),
    (r"\b[\d.]+ [kM]?B/s", "SPEED"),
    (r"(?<=\w) \| +\d+(/\d+)? (?=\|)", " | N "),  # CDK's count of what is done
    (r".* Enabling CSM\n", ""),
    (r"Signature=\w+", "SIGNATURE"),
    (r'"(AccessKeyId|SecretAccessKey|SessionToken)": ".*"', "CREDENTIAL"),
    (r"\bAROA[A-Z0-9]*\b", "AROA"),
    (r"\bus-east-1[a-f]\b", "ZONE"),  # moto picks one for each instance
    (r"\buse1-az[1-6]\b", "ZONE-ID"),
    (r"\b([a-z]+)-[0-9a-f]{17}\b", r"\1-ID"),
    (r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "UUID"))]
OURS = re.compile(r"(?m)^(iamreplay record: .*|Next:|  iamreplay .*)\n")


def plain(text):
    for pattern, by in VARIES:
        text = pattern.sub(by, text)
    return text


class Monitor(threading.Thread):
    """What clients report of themselves: client-side monitoring."""

    def __init__(self):
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 31000))
        self.events = []
        self.start()

    def run(self):
        while True:
            self.events.append(json.loads(self.socket.recv(65536)))


class Client:
    """What a client does. steps: each an argv, or a function from the mode to one. folder, files: what its working folder
    has at first; before: called ahead of each run; env: a function from the mode to what is set or (None) unset for it.
    key_each: each step signs with a key of its own. monitored: it reports its calls ("some": it ends without
    waiting until all are sent). log: the file where Terraform's provider logs its calls. polls: operations that are
    repeated until something is done. recorded: how many of its steps are run under "record", too."""

    def __init__(self, name, steps, folder=None, files=None, before=None, env=None, key_each=False, monitored=False, log=None, polls=(),
                 recorded=99, timeout=300):
        self.name, self.steps, self.folder, self.files, self.before = name, steps, folder, files or {}, before
        self.env = env or (lambda mode: {})
        self.key_each, self.monitored, self.log, self.polls, self.timeout = key_each, monitored, log, polls, timeout
        self.recorded = min(recorded, len(steps))

    def argv(self, i, mode):
        step = self.steps[i]
        return step(mode) if callable(step) else step


class Stage:
    """Where clients run, and who watches them."""

    def __init__(self, program, modules):
        self.program, self.modules = program, modules
        self.requests, self.server_log, self.capture = Lines("requests.jsonl"), Lines("moto.log"), Lines("all.capture")
        self.monitor = Monitor()
        self.serial = 0

    def place(self, client):
        """The same path in every run: clients print where they are. A home of its own: some remember earlier runs."""
        work, home = os.path.join(TOP, "work"), os.path.join(TOP, "home")
        for folder in (work, home):
            shutil.rmtree(folder, ignore_errors=True)
        os.mkdir(home)
        if client.folder:
            shutil.copytree(client.folder, work, copy_function=shutil.copyfile)
            os.chmod(work, 0o755)
        else:
            os.mkdir(work)
        for name, content in client.files.items():
            with open(os.path.join(work, name), "w") as f:
                f.write(content)
        if os.path.isdir(self.modules):
            os.symlink(self.modules, os.path.join(work, "node_modules"))
        return work

    def env(self, client, mode, number):
        env = environment({WITHOUT: CA_OF_CLOUD, THROUGH: CA_OF_PROXY, RECORD: None}[mode])
        env["AWS_ACCESS_KEY_ID"] = KEY + "EXAM" + "".join(BASE32[number >> s & 31] for s in (15, 10, 5, 0))
        if mode == THROUGH:
            env.update(HTTPS_PROXY=PROXY, https_proxy=PROXY)
            if client.monitored:
                env.update(AWS_CSM_ENABLED="true", AWS_CSM_HOST="127.0.0.1", AWS_CSM_PORT="31000")
        env.update(client.env(mode))
        return {k: v for k, v in env.items() if v is not None}

    def recording(self, i):
        return [self.program, "record", "-o", os.path.join(TOP, "record-%d.capture" % i), "--ca-dir", os.path.join(TOP, "ca"), "--upstream-ca",
                CA_OF_CLOUD, "--"]

    def run(self, client, mode):
        """The client's steps, from a fresh moto that makes up the same ids."""
        moto_api("reset")
        moto_api("seed?a=7")
        if client.before:
            client.before()
        work = self.place(client)
        for lines in (self.requests, self.server_log, self.capture):
            lines.mark()
        before, began = len(self.monitor.events), time.monotonic()
        steps = client.recorded if mode == RECORD else len(client.steps)
        status, text = [], []
        for i in range(steps):
            argv = client.argv(i, mode)
            if mode == RECORD:
                argv = self.recording(i) + argv
            env = self.env(client, mode, self.serial * 100 + (i if client.key_each else 0))
            try:
                got = subprocess.run(argv, cwd=work, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                     timeout=client.timeout)
                status.append(got.returncode)
            except subprocess.TimeoutExpired as got:
                status.append("timed out")
            text.append(plain(OURS.sub("", (got.stdout or b"").decode("utf-8", "replace"))))
        result = Run(status, text, time.monotonic() - began)
        self.gather(result, mode, steps)
        result.events = self.monitor.events[before:]
        return result

    def gather(self, result, mode, steps):
        result.requests = [json.loads(line) for line in self.requests.new()]
        if mode == RECORD:
            result.lines = []
            for i in range(steps):
                path = os.path.join(TOP, "record-%d.capture" % i)
                result.lines += open(path).read().splitlines()
                os.rename(path, os.path.join(TOP, "recorded-%d-%d.capture" % (self.serial, i)))
        else:
            for _ in range(60 if mode == THROUGH else 1):  # a call is written when its answer is through
                result.lines = self.capture.new()
                if len(calls_of(result.lines)) >= len(result.requests):
                    break
                time.sleep(0.05)
            time.sleep(0.2)
            result.lines = self.capture.new()
        result.calls = calls_of(result.lines)
        result.server_lines = [line for line in self.server_log.new() if re.search(r'" \d{3} -$', line) and "/moto-api/" not in line]


class Run:
    """What each step ended with and printed, and what moto and the capture have of it."""

    def __init__(self, status, text, seconds):
        self.status, self.text, self.seconds = status, text, seconds
        self.requests = self.lines = self.calls = self.server_lines = self.events = ()
