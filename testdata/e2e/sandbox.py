#!/usr/bin/env python3
"""Runs a program as a systemd unit would let it: without privileges or a way to get any, as a user without a name, with the
system calls and socket families of the unit alone, and without memory that can be both written and run.

    sandbox.py UNIT PROGRAM ARGUMENT...

Stricter than the unit in one thing: a system call outside of its list kills, so that none is made in silence. Of the unit
it does not show what mount namespaces do (ProtectSystem=, PrivateTmp=, …) and those that other settings here imply.
"""

import ctypes
import ctypes.util
import errno
import os
import re
import subprocess
import sys

NOBODY = 65534
PR_SET_NO_NEW_PRIVS, PR_CAPBSET_DROP = 38, 24
CLONE_NEWUSER = 0x10000000
ALLOW, KILL_PROCESS = 0x7FFF0000, 0x80000000
NOT_EQUAL, EQUAL, MASKED_EQUAL = 1, 4, 7
PROT_WRITE, PROT_EXEC = 2, 4
FAMILIES = {"AF_UNIX": 1, "AF_INET": 2, "AF_INET6": 10}
MOST_FAMILIES = 46


def refuse(error):
    return 0x00050000 | error


class Comparison(ctypes.Structure):
    _fields_ = [("argument", ctypes.c_uint), ("operator", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64)]


class Filter:
    """A filter of libseccomp. Filters add up: the strictest answer holds."""

    def __init__(self, otherwise):
        self.library = ctypes.CDLL("libseccomp.so.2", use_errno=True)
        self.library.seccomp_init.restype = ctypes.c_void_p
        self.context = ctypes.c_void_p(self.library.seccomp_init(ctypes.c_uint32(otherwise)))

    def add(self, action, call, *comparisons):
        """False when this machine has no such call."""
        number = self.library.seccomp_syscall_resolve_name(call.encode())
        if number < 0:
            return False
        array = (Comparison * max(1, len(comparisons)))(*comparisons)
        failed = self.library.seccomp_rule_add_array(self.context, ctypes.c_uint32(action), number, len(comparisons), array)
        if failed:
            raise SystemExit(f"sandbox: {call}: {os.strerror(-failed)}")
        return True

    def load(self):
        failed = self.library.seccomp_load(self.context)
        if failed:
            raise SystemExit(f"sandbox: {os.strerror(-failed)}")


def settings(unit):
    """{name: [value, …]} of a unit."""
    found = {}
    with open(unit, encoding="utf-8") as file:
        for line in file:
            if assignment := re.fullmatch(r"(\w+)=(.*)", line.strip()):
                found.setdefault(assignment.group(1), []).append(assignment.group(2))
    return found


def calls_of(word):
    """The system calls of a name as SystemCallFilter= takes it: one, or a @group."""
    if not word.startswith("@"):
        return {word}
    listed = subprocess.run(["systemd-analyze", "syscall-filter", word], check=True, stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL, text=True).stdout
    words = [line.strip() for line in listed.splitlines()[1:] if line.strip() and "#" not in line]
    return set().union(*(calls_of(inner) for inner in words)) if words else set()


def allowed_calls(unit):
    """As systemd reads them: a first list that allows brings @default along; ~ takes away."""
    calls = calls_of("@default")
    for value in settings(unit)["SystemCallFilter"]:
        named = set().union(*(calls_of(word) for word in value.lstrip("~").split()))
        calls = calls - named if value.startswith("~") else calls | named
    return calls


def write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def drop_privileges():
    """A user without a name and without capabilities, to whom the caller's files belong: as with PrivateUsers=."""
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.getuid(), os.getgid()
    if libc.unshare(CLONE_NEWUSER) != 0:
        raise SystemExit(f"sandbox: no user namespace: {os.strerror(ctypes.get_errno())}")
    write("/proc/self/setgroups", "deny")
    write("/proc/self/uid_map", f"{NOBODY} {user} 1")
    write("/proc/self/gid_map", f"{NOBODY} {group} 1")
    for capability in range(64):
        libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise SystemExit("sandbox: no_new_privs failed")


def confine(unit):
    wanted = settings(unit)
    listed = Filter(KILL_PROCESS)
    if sum([listed.add(ALLOW, call) for call in allowed_calls(unit)]) < 100:
        raise SystemExit("sandbox: hardly any system call is known here")
    others = Filter(ALLOW)
    families = {FAMILIES[name] for value in wanted["RestrictAddressFamilies"] for name in value.split()}
    for family in set(range(MOST_FAMILIES)) - families:
        others.add(refuse(errno.EAFNOSUPPORT), "socket", Comparison(0, EQUAL, family, 0))
    if wanted["MemoryDenyWriteExecute"] == ["yes"]:
        both = PROT_WRITE | PROT_EXEC
        others.add(refuse(errno.EPERM), "mmap", Comparison(2, MASKED_EQUAL, both, both))
        for call in ("mprotect", "pkey_mprotect"):
            others.add(refuse(errno.EPERM), call, Comparison(2, MASKED_EQUAL, PROT_EXEC, PROT_EXEC))
    drop_privileges()
    others.load()
    listed.load()


def main():
    unit, *command = sys.argv[1:]
    confine(unit)
    os.execv(command[0], command)


if __name__ == "__main__":
    main()
