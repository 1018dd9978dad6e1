# What ./run and ./test share: installing Debian packages, and calling Bazel. Sourced, with `root` set to the repository.
# Messages go to standard error.
# shellcheck shell=bash

: "${root:?set by the script that sources this file}"

# A job without a home (or with one that cannot be written) gets a private one, so that Bazel has a place to work in.
if [[ -z ${HOME:-} || ! -d $HOME || ! -w $HOME ]]; then
  HOME=${TMPDIR:-/tmp}/firebreak-home-$(id -u)
  export HOME
  mkdir -p "$HOME"
  chmod 700 "$HOME"
fi

disk_cache=${XDG_CACHE_HOME:-$HOME/.cache}/firebreak-bazel
disk_cache_limit_kib=$((6 * 1024 * 1024))

say() { printf 'firebreak: %s\n' "$*" >&2; }

# Prints the packages of the groups named that are not installed, one a line.
missing_packages() {
  local wanted package command
  wanted=$(awk -v groups=" $* " 'index(groups, " " $1 " ") { print $2, $3 }' "$root/third_party/packages.txt" |
    while read -r package command; do
      if [[ -z $command ]] || ! command -v "$command" >/dev/null; then printf '%s\n' "$package"; fi
    done)
  # dpkg-query fails when it does not know one of the names; what it prints about the others still holds.
  # shellcheck disable=SC2016,SC2086  # ${…} is dpkg-query's; one word a package
  { dpkg-query -W -f='${binary:Package} ${db:Status-Status}\n' $wanted 2>/dev/null || true; } |
    sed -n 's/\(:[a-z0-9]*\)\{0,1\} installed$//p' | sort -u |
    comm -13 - <(sort -u <<<"$wanted")
}

# Runs a command as root, asking for a password only where somebody can answer.
as_root() {
  if [[ $(id -u) == 0 ]]; then
    "$@"
  elif [[ -t 0 ]]; then
    sudo "$@"
  else
    sudo -n "$@"
  fi
}

# Installs packages without starting the services some of them bring (prometheus would take port 9090): for as long as
# this takes, a policy-rc.d forbids it, and units that have come with the packages are disabled afterwards.
apt_install() {
  # shellcheck disable=SC2016  # expanded by the inner shell
  as_root env DEBIAN_FRONTEND=noninteractive bash -c '
    set -euo pipefail
    policy=/usr/sbin/policy-rc.d
    if [[ ! -e $policy ]]; then
      trap "rm -f $policy" EXIT
      printf "#!/bin/sh\nexit 101\n" >"$policy"
      chmod 755 "$policy"
    fi
    apt-get -q -o DPkg::Lock::Timeout=300 update
    apt-get -q -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "$@"
    if [[ -d /run/systemd/system ]]; then
      for package in "$@"; do
        if [[ $package == prometheus* ]]; then systemctl disable --now "$package.service" || true; fi
      done
    fi
  ' apt_install "$@" </dev/null >&2
}

# Makes sure that every package of the groups named is installed, or says which are needed and exits 2.
# FIREBREAK_NO_INSTALL=1 skips all this, for systems that have the libraries from elsewhere.
ensure_packages() {
  if [[ ${FIREBREAK_NO_INSTALL:-} == 1 ]]; then return; fi
  local -a missing
  mapfile -t missing < <(missing_packages "$@")
  if ((${#missing[@]} == 0)); then return; fi
  if ! command -v apt-get >/dev/null; then
    say "there is no apt here; these Debian packages (or their like) are needed: ${missing[*]}"
    say "when they are all there, set FIREBREAK_NO_INSTALL=1"
    exit 2
  fi
  if [[ $(id -u) != 0 ]] && ! command -v sudo >/dev/null; then
    say "not root, and no sudo. As root, please: apt-get install --no-install-recommends ${missing[*]}"
    exit 2
  fi
  say "installing ${missing[*]}"
  if ! apt_install "${missing[@]}"; then
    say "apt-get failed (above); these packages are needed: ${missing[*]}"
    exit 2
  fi
}

# Calls Bazel in the repository, wherever the caller stands. REQUIRES: the first argument is a build-like command.
in_bazel() {
  local command=$1
  shift
  (cd -- "$root" && bazel "$command" --disk_cache="$disk_cache" "$@")
}

# Removes what was not used for longest once the disk cache outgrows its limit. An entry that is gone is built again.
trim_disk_cache() {
  local used_kib
  used_kib=$(du -sk -- "$disk_cache" 2>/dev/null | cut -f1) || return 0
  if ((${used_kib:-0} <= disk_cache_limit_kib)); then return 0; fi
  find "$disk_cache" -type f -printf '%A@ %k %p\n' | sort -n |
    awk -v excess=$((used_kib - disk_cache_limit_kib * 3 / 4)) \
      'excess > 0 { excess -= $2; sub(/^[^ ]+ [^ ]+ /, ""); printf "%s%c", $0, 0 }' |
    xargs -0 -r rm -f --
}
