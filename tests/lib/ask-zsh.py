"""ask-zsh.py FOLDER LINE - types LINE and a tab into a zsh on a terminal of its own, with the completion that the program
prints, and prints what the terminal showed. FOLDER holds bin/iamreplay and the database."""
import os, pty, select, sys, time

folder, line = sys.argv[1:]
os.chdir(folder)
os.makedirs("zsh", exist_ok=True)
os.system("iamreplay completion zsh >zsh/_iamreplay")
pid, fd = pty.fork()
if pid == 0:
    os.environ.update(TERM="dumb", ZDOTDIR=folder + "/zsh", PS1="%% ", COLUMNS="200", LINES="60")
    os.execvp("zsh", ["zsh", "-f", "-i"])


def read_until(word, seconds):
    seen, end = b"", time.monotonic() + seconds
    while time.monotonic() < end and not (word and word in seen):
        if select.select([fd], [], [], 0.2)[0]:
            try:
                seen += os.read(fd, 65536)
            except OSError:
                break
        elif not word and seen:
            break
    return seen


os.write(fd, b"stty -echo; PS1=; unsetopt zle_bracketed_paste; LISTMAX=0; zstyle ':completion:*' menu no; fpath=($PWD/zsh $fpath); "
             b"autoload -Uz compinit; compinit -u -D; print rea''dy\n")
read_until(b"ready", 30)
# the line and what would list its choices, then a word that tells that it is over
os.write(fd, line.encode() + b"\t")
time.sleep(0.3)
first = read_until(None, 20)
os.write(fd, b"\x04")
listed = read_until(None, 10)
sys.stdout.write((first + listed).decode(errors="replace").replace("\r", "\n"))
os.write(fd, b"\x03exit\n")
os.close(fd)
