#!/usr/bin/env bash
# The installer and `make quick` on aarch64, the Raspberry Pi's processor, in a Debian 13 root that qemu-user runs.
#
#   tests/torture/arm64/run.sh WORK [TARGET]     WORK/arm64-base.tar is kept between runs; TARGET is quick without one
#
# Needs root, and: apt-get install mmdebstrap qemu-user-static binfmt-support arch-test. Refuses where the kernel lets nobody register
# how foreign programs are run.
set -euo pipefail
work="$(mkdir -p "$1" && cd "$1" && pwd)"
target="${2:-quick}"
source_dir="$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)"
root="$work/arm64"
log="$work/arm64.log"

say() { printf '%s %s\n' "$(date +%H:%M:%S)" "$*" | tee -a "$log"; }
fail() {
    say "FAILED: $*"
    tail -n 30 "$log"
    exit 1
}
in_root() { chroot "$root" /usr/bin/env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive PIP_ROOT_USER_ACTION=ignore \
    ${https_proxy:+https_proxy=$https_proxy} ${PIP_INDEX_URL:+PIP_INDEX_URL=$PIP_INDEX_URL} "$@"; }
unmount() {
    local at
    for at in proc sys dev/pts dev; do
        if mountpoint -q "$root/$at"; then umount -l "$root/$at"; fi
    done
}
trap unmount EXIT

: >"$log"
for tool in mmdebstrap qemu-aarch64-static update-binfmts arch-test; do
    command -v "$tool" >/dev/null || fail "$tool is missing: apt-get install mmdebstrap qemu-user-static binfmt-support arch-test"
done
registered=/proc/sys/fs/binfmt_misc
[ -e "$registered/register" ] || mount -t binfmt_misc binfmt_misc "$registered" || fail "$registered cannot be mounted"
[ -e "$registered/qemu-aarch64" ] || update-binfmts --enable qemu-aarch64 || fail "qemu-aarch64 cannot be registered"

if [ ! -e "$work/arm64-base.tar" ]; then
    say "Debian 13 for arm64 (once, some minutes)"
    mmdebstrap --architectures=arm64 --variant=minbase --mode=root --format=tar \
        --include=systemd-sysv,make,git,python3-venv,ca-certificates,procps,fonts-noto-core \
        --aptopt='APT::Install-Recommends "false"' --dpkgopt='path-exclude=/usr/share/man/*' \
        --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
        trixie "$work/arm64-base.tar.new" >>"$log" 2>&1 || fail "mmdebstrap"
    mv "$work/arm64-base.tar.new" "$work/arm64-base.tar"
fi

say "unpacking"
unmount
rm -rf "$root"
mkdir -p "$root"
tar -xf "$work/arm64-base.tar" -C "$root"
mount --bind /dev "$root/dev"
mount -t devpts devpts "$root/dev/pts" 2>/dev/null || mount --bind /dev/pts "$root/dev/pts"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
cp /etc/resolv.conf "$root/etc/resolv.conf"
cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
mkdir -p "$root/root/wheel-kiosk"
(cd "$source_dir" && git ls-files -z --cached --others --exclude-standard | tar -c --null -T - --ignore-failed-read 2>/dev/null) |
    tar -x -C "$root/root/wheel-kiosk"
say "the processor is $(in_root uname -m), Debian's name for it $(in_root dpkg --print-architecture)"

say "install.sh"
in_root /root/wheel-kiosk/systemd/install.sh --no-start >>"$log" 2>&1 || fail "the installation"
in_root /usr/local/bin/wheel-kiosk --version >>"$log" 2>&1 || fail "the installed wheel-kiosk does not start"
say "make $target"
in_root make -C /root/wheel-kiosk "$target" 2>&1 | tee -a "$log" || fail "make $target"
say "PASSED"
