#!/usr/bin/env bash
# Builds the disk of the virtual Pi: Debian 13 by mmdebstrap, wheel-kiosk by its own installer, as README.md says.
#
#   tests/torture/virtual_pi/build_image.sh WORK        leaves WORK/disk.img, WORK/vmlinuz, WORK/initrd.img, WORK/install.log
#
# Needs root, and: apt-get install mmdebstrap e2fsprogs qemu-system-x86. WORK/base.tar is kept between runs. The installer
# is also run a second time, upgraded, uninstalled and run again, and the result of each step is checked.
set -euo pipefail
work="$(mkdir -p "$1" && cd "$1" && pwd)"
source_dir="$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)"
root="$work/root"
log="$work/install.log"

say() { printf '%s %s\n' "$(date +%H:%M:%S)" "$*" | tee -a "$log"; }
fail() {
    say "FAILED: $*"
    tail -n 30 "$log"
    exit 1
}
in_root() { chroot "$root" /usr/bin/env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive SUDO_USER=pi PIP_ROOT_USER_ACTION=ignore \
    ${https_proxy:+https_proxy=$https_proxy} ${PIP_INDEX_URL:+PIP_INDEX_URL=$PIP_INDEX_URL} "$@"; }
unmount() {
    local at
    for at in proc sys dev/pts dev; do
        if mountpoint -q "$root/$at"; then umount -l "$root/$at"; fi
    done
}
trap unmount EXIT

: >"$log"
if [ ! -e "$work/base.tar" ]; then
    say "Debian 13 (once, some minutes)"
    mmdebstrap --variant=minbase --mode=root --format=tar \
        --include=linux-image-amd64,systemd-sysv,udev,dbus,kmod,initramfs-tools,e2fsprogs,passwd,util-linux,procps,ca-certificates \
        --aptopt='APT::Install-Recommends "false"' --dpkgopt='path-exclude=/usr/share/man/*' \
        --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
        trixie "$work/base.tar.new" >>"$log" 2>&1 || fail "mmdebstrap"
    mv "$work/base.tar.new" "$work/base.tar"
fi

say "unpacking"
unmount
rm -rf "$root"
mkdir -p "$root"
tar -xf "$work/base.tar" -C "$root"
mount --bind /dev "$root/dev"
mount -t devpts devpts "$root/dev/pts" 2>/dev/null || mount --bind /dev/pts "$root/dev/pts"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
cp /etc/resolv.conf "$root/etc/resolv.conf"
cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
printf 'wheel-vm\n' >"$root/etc/hostname"
in_root useradd -m -s /bin/bash pi
tracked() { git -C "$source_dir" ls-files -z --cached --others --exclude-standard; }
mkdir -p "$root/home/pi/wheel-kiosk"
(cd "$source_dir" && tracked | tar -c --null -T - --ignore-failed-read 2>/dev/null) | tar -x -C "$root/home/pi/wheel-kiosk"
chown -R root:root "$root/home/pi/wheel-kiosk"

install=/home/pi/wheel-kiosk/systemd/install.sh
say "install.sh, first time"
in_root "$install" >>"$log" 2>&1 || fail "the first installation"
in_root test -x /usr/local/bin/wheel-kiosk || fail "no wheel-kiosk"
first="$(readlink "$root/opt/wheel-kiosk/current")"
say "install.sh, second time"
in_root "$install" >"$work/second.log" 2>&1 || fail "the second installation"
cat "$work/second.log" >>"$log"
grep -q 'up to date' "$work/second.log" || fail "the second installation built the program again"
say "upgrade"
printf '\n' >>"$root/home/pi/wheel-kiosk/kiosk/snapshot/sample.py"
printf 'rotate = 0 # ours\n' >>"$root/var/lib/wheel-kiosk/kiosk/kiosk.toml"
in_root "$install" >>"$log" 2>&1 || fail "the upgrade"
[ "$(readlink "$root/opt/wheel-kiosk/current")" != "$first" ] || fail "the upgrade did not change the program"
[ "$(find "$root/opt/wheel-kiosk/releases" -mindepth 1 -maxdepth 1 | wc -l)" = 2 ] || fail "not two releases are kept"
grep -q ours "$root/var/lib/wheel-kiosk/kiosk/kiosk.toml" || fail "the upgrade changed kiosk.toml"
say "uninstall"
in_root "$install" --uninstall >>"$log" 2>&1 || fail "uninstalling"
for gone in /opt/wheel-kiosk /usr/local/bin/wheel-admin /etc/systemd/system/wheel-kiosk.service \
    /etc/systemd/system/getty@tty1.service; do
    if [ -e "$root$gone" ] || [ -L "$root$gone" ]; then fail "$gone is left"; fi
done
grep -q ours "$root/var/lib/wheel-kiosk/kiosk/kiosk.toml" || fail "uninstalling touched the data"
say "install.sh once more"
in_root "$install" >>"$log" 2>&1 || fail "the last installation"
in_root systemctl is-enabled wheel-kiosk.service >>"$log" || fail "the service is not enabled"

# Only for the test: a root shell on the second serial line, and few modules in the initrd.
say "test shell, initrd"
cat >"$root/etc/systemd/system/vm-shell.service" <<'END'
[Unit]
Description=Root shell for the test
DefaultDependencies=no
After=local-fs.target
[Service]
ExecStart=/bin/sh -c 'stty -F /dev/ttyS1 raw -echo; exec /bin/bash </dev/ttyS1 >/dev/ttyS1 2>&1'
Environment=HOME=/root LC_ALL=C.UTF-8
Restart=always
[Install]
WantedBy=sysinit.target
END
in_root systemctl enable --quiet vm-shell.service
# An emulated processor draws a frame in 0.1 s, and in 1 s if it emulates the GPU as well.
printf 'WHEEL_KIOSK_BACKEND=software\nWHEEL_KIOSK_FPS=10\n' >"$root/etc/default/wheel-kiosk"
# On a busy host the start takes minutes; the watchdog's limit is unchanged.
mkdir -p "$root/etc/systemd/system/wheel-kiosk.service.d"
printf '[Service]\nTimeoutStartSec=900\n' >"$root/etc/systemd/system/wheel-kiosk.service.d/vm.conf"
in_root systemctl mask --quiet serial-getty@ttyS0.service apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer \
    e2scrub_reap.service systemd-logind.service systemd-pstore.service modprobe@efi_pstore.service modprobe@fuse.service
printf 'MODULES=list\n' >"$root/etc/initramfs-tools/conf.d/vm"
printf 'virtio_pci\nvirtio_blk\next4\n' >>"$root/etc/initramfs-tools/modules"
printf '/dev/vda / ext4 defaults,errors=remount-ro 0 1\n' >"$root/etc/fstab"
in_root update-initramfs -u >>"$log" 2>&1 || fail "update-initramfs"
cp "$root"/boot/vmlinuz-* "$work/vmlinuz"
cp "$root"/boot/initrd.img-* "$work/initrd.img"
in_root apt-get clean
unmount
say "disk"
rm -f "$work/disk.img"
mke2fs -q -t ext4 -d "$root" -L wheel "$work/disk.img" 3G >>"$log" 2>&1 || fail "mke2fs"
say "built: $(du -h "$work/disk.img" | cut -f1)"
