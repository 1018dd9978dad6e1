#!/bin/bash
# docs/deploy/firebreak.service under a real systemd, as docs/deploy/README.md installs it: user, credentials, bounds, reload,
# kill -9, a configuration that is wrong and then mended, stop. By hand, as root, in about half a minute:
#
#     FIREBREAK=bazel-bin/firebreak testdata/campaigns/systemd_unit.sh
#
# systemd runs in namespaces of its own, on a copy-on-write view of this machine that is gone afterwards: nothing here
# changes. Needs Linux with overlayfs and a cgroup hierarchy that may be written.
set -euo pipefail

here=$(readlink -f -- "${BASH_SOURCE[0]}")
deploy=$(dirname -- "$here")/../../docs/deploy

# --- What is asked, inside, once the service has begun

ask() {
  local failed=0 pid user
  check() { # WHAT WANTED GOT
    if [[ $3 == *"$2"* ]]; then echo "ok      $1"; else echo "FAILED  $1: wanted $2, got: ${3:0:200}"; failed=1; fi
  }
  ready() { for _ in $(seq 100); do curl -sf http://127.0.0.1:9710/-/ready && return; sleep 0.1; done; }
  metric() { curl -s http://127.0.0.1:9710/metrics | grep "^$1 "; }
  status() { systemctl show firebreak -p "$1" --value; }
  counted() { for _ in $(seq 100); do curl -s http://127.0.0.1:9710/v1/slos | grep -o '"bad":10,' && return; sleep 0.1; done; }
  post() { curl -s "$@" http://127.0.0.1:9710/v1/events -d '{"endpoint": "/userid/", "status": 503, "count": 10}'; }

  check "it starts" ready "$(ready)"
  pid=$(status MainPID)
  user=$(stat -c %u "/proc/$pid")
  check "as a user of its own" yes "$( ((user > 60000)) && echo yes)"
  check "without capabilities" 0000000000000000 "$(grep CapBnd "/proc/$pid/status")"
  check "without new privileges" 1 "$(grep NoNewPrivs "/proc/$pid/status")"
  check "behind filters of system calls" 2 "$(grep Seccomp: "/proc/$pid/status")"
  check "its state is nobody else's" "drwx------" "$(ls -ld /var/lib/private/firebreak)"
  check "it may write its state" ok "$(nsenter -t "$pid" -m sh -c 'touch /var/lib/firebreak/x && rm /var/lib/firebreak/x && echo ok' 2>&1)"
  for place in /etc /usr /home /var; do
    check "and not $place" "ead-only" "$(nsenter -t "$pid" -m touch "$place/x" 2>&1)"
  done
  check "its user cannot read root's secrets" "ermission denied" \
    "$(setpriv --reuid "$user" --clear-groups cat /etc/firebreak/secrets/admin.token 2>&1)"
  check "a token is wanted" "bearer token is wanted" "$(post)"
  check "the credential is that token" '"accepted":1' "$(post -H "Authorization: Bearer $(cat /etc/firebreak/secrets/ingest.token)")"
  check "backup, as root" /x.db "$(firebreak backup --data-dir /var/lib/firebreak --to /x.db)"
  check "verify, as root" sound "$(firebreak verify --data-dir /var/lib/firebreak)"
  check "notify-test, as root, reads the same secrets" "Connection refused" \
    "$(firebreak notify-test --config /etc/firebreak/firebreak.yaml 2>&1)"

  systemctl reload firebreak
  check "reload" " 1" "$(metric firebreak_config_last_reload_successful)"
  kill -9 "$pid"
  sleep 0.5
  check "kill -9: it comes back" ready "$(ready)"
  check "and has what was acknowledged" '"bad":10,' "$(counted)"
  echo "nonsense: 1" >>/etc/firebreak/firebreak.yaml
  systemctl reload firebreak
  sleep 0.5
  check "a wrong configuration is refused" " 0" "$(metric firebreak_config_last_reload_successful)"
  kill -9 "$(status MainPID)"
  sleep 5
  check "with it, no start succeeds" 2 "$(status ExecMainStatus)"
  sed -i '$d' /etc/firebreak/firebreak.yaml
  check "mended, it starts by itself" ready "$(ready)"
  systemctl stop firebreak
  check "stop" "success inactive" "$(status Result) $(status ActiveState)"
  return $failed
}

# --- The machine within: a root file system of its own, and systemd as process 1

enter() {
  local work=$1 root=$1/root
  mount --make-rprivate /
  mount -t tmpfs tmpfs "$work/layers"
  mkdir "$work/layers/upper" "$work/layers/work"
  mount -t overlay overlay -o "lowerdir=/,upperdir=$work/layers/upper,workdir=$work/layers/work" "$root"
  mount -t proc proc "$root/proc"
  mount --bind "$root/proc/sys" "$root/proc/sys"
  mount -o remount,bind,ro "$root/proc/sys"
  mount -t sysfs -o ro sysfs "$root/sys"
  mount -t devtmpfs devtmpfs "$root/dev"
  mount -t tmpfs tmpfs "$root/run"
  mount -t tmpfs tmpfs "$root/tmp"
  if [[ -d /sys/fs/cgroup/systemd ]]; then
    mount -t tmpfs tmpfs "$root/sys/fs/cgroup"
    mkdir "$root/sys/fs/cgroup/systemd" "$root/sys/fs/cgroup/unified"
    mount -t cgroup -o none,name=systemd cgroup "$root/sys/fs/cgroup/systemd"
    mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup/unified"
  else
    mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
  fi
  install_service "$root"
  mkdir -p "$root/answers" "$root/outside"
  mount --bind "$work/answers" "$root/answers"
  cd "$root"
  pivot_root . outside
  umount -l /outside
  mount --make-rshared / # credentials are made in a namespace beside, and have to be seen here
  exec env -i container=namespaces PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    /lib/systemd/systemd --system --unit=ask.service --show-status=no
}

install_service() {
  local root=$1 token unit
  install -m 755 "$work/firebreak" "$work/ask" "$root/usr/local/bin/"
  rm -rf "$root/etc/firebreak" "$root/var/lib/firebreak" "$root/var/lib/private/firebreak"
  install -d -m 755 "$root/etc/firebreak"
  install -d -m 700 "$root/etc/firebreak/secrets"
  install -m 644 "$work/firebreak.yaml" "$root/etc/firebreak/"
  (umask 077 && for token in ingest admin; do echo "token-$token" >"$root/etc/firebreak/secrets/$token.token"; done)
  install -m 644 "$work/firebreak.service" "$root/etc/systemd/system/"
  cat >"$root/etc/systemd/system/ask.service" <<END
[Unit]
DefaultDependencies=no
Wants=firebreak.service
After=firebreak.service
SuccessAction=exit-force
FailureAction=exit-force
[Service]
Type=oneshot
ExecStart=/usr/local/bin/ask ask
StandardOutput=append:/answers/said
StandardError=append:/answers/said
TimeoutStartSec=90
END
  for unit in systemd-{udevd,udev-trigger,modules-load,timesyncd,sysctl,networkd}.service dev-{hugepages,mqueue}.mount \
    sys-{kernel-debug,kernel-tracing,fs-fuse-connections}.mount; do
    ln -sf /dev/null "$root/etc/systemd/system/$unit"
  done
}

# --- Outside

run() {
  work=$(mktemp -d)
  local -a groups=()
  # shellcheck disable=SC2064  # as it is now
  trap "rm -rf -- '$work'" EXIT
  mkdir "$work/root" "$work/layers" "$work/answers"
  install -m 755 "${FIREBREAK:?where the program is}" "$work/firebreak"
  install -m 755 "$here" "$work/ask"
  cp "$deploy/firebreak.service" "$deploy/firebreak.yaml" "$work/"
  if [[ -d /sys/fs/cgroup/systemd ]]; then groups=(/sys/fs/cgroup/{systemd,unified}); else groups=(/sys/fs/cgroup); fi
  (
    for group in "${groups[@]}"; do
      mkdir -p "$group/firebreak-unit-$$"
      echo "$BASHPID" >"$group/firebreak-unit-$$/cgroup.procs"
    done
    timeout -k 5 120 unshare --mount --uts --ipc --net --cgroup --pid --fork --kill-child "$work/ask" enter "$work"
  ) >"$work/console" 2>&1 || true
  for group in "${groups[@]}"; do find "$group/firebreak-unit-$$" -depth -type d -exec rmdir {} + 2>/dev/null || true; done
  if ! grep -q . "$work/answers/said" 2>/dev/null; then
    cat "$work/console" >&2
    echo "systemd did not come so far" >&2
    exit 1
  fi
  cat "$work/answers/said"
  if grep -q '^FAILED' "$work/answers/said" || ! grep -q '^ok *stop$' "$work/answers/said"; then exit 1; fi
}

case ${1:-run} in
  run) run ;;
  enter) work=$2 && enter "$2" ;;
  ask) ask ;;
esac
