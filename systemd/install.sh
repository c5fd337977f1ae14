#!/usr/bin/env bash
# Installs wheel-kiosk on a Raspberry Pi OS or Debian (12 or newer) system, upgrades it in place, or removes it.
#
#   sudo systemd/install.sh                    install or upgrade; asks nothing, and may be run again at any time
#   sudo systemd/install.sh --wheelhouse DIR   the same without a network: wheels (and .deb files) are in DIR
#   sudo systemd/install.sh --dry-run          print what would be done, and change nothing
#   sudo systemd/install.sh --no-start         change nothing about the running system until the next boot
#   sudo systemd/install.sh --uninstall        remove the program; keep lists, ledger and keys in /var/lib/wheel-kiosk
#
# Make a wheelhouse on a machine of the same kind that has a network:  pip wheel --wheel-dir DIR '.[pi,remote]'
set -euo pipefail
umask 022 # root's umask must not keep the kiosk from reading its program

prefix=/opt/wheel-kiosk
home=/var/lib/wheel-kiosk
etc=/etc
state=/var/lib/wheel-kiosk-install # what uninstalling restores
units=(wheel-kiosk.service wheel-fetch.service wheel-fetch.path)
stick_files=("wheel-stick@.service:systemd/system" 61-wheel-stick.rules:udev/rules.d)
old_units=(wheel-soak.service wheel-soak.timer) # of earlier versions
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
source_dir="$(dirname "$here")"

# The kiosk needs the first list. Without the second, names in some scripts show as boxes and the GPIO button is missing.
needed=(python3 python3-venv acl libegl1 libgles2 libgbm1 libdrm2 libgl1-mesa-dri libasound2-data)
wanted=(fonts-noto-core fonts-noto-cjk fonts-noto-color-emoji python3-gpiozero python3-lgpio)

dry_run=no
start=yes
action=install
wheelhouse=

say() { printf '%s\n' "$*"; }
fail() {
    printf 'install.sh: %s\n' "$*" >&2
    exit 1
}
# Runs a command, or prints it in a dry run.
run() {
    if [ "$dry_run" = yes ]; then
        printf '  would run: %s\n' "$*"
    else
        "$@"
    fi
}
systemd_runs() { [ -d /run/systemd/system ]; }

while [ $# -gt 0 ]; do
    case "$1" in
    --dry-run) dry_run=yes ;;
    --no-start) start=no ;;
    --uninstall) action=uninstall ;;
    --wheelhouse)
        [ $# -ge 2 ] || fail "--wheelhouse needs a directory."
        wheelhouse="$(cd "$2" 2>/dev/null && pwd)" || fail "--wheelhouse $2: no such directory."
        shift
        ;;
    -h | --help)
        sed -n '2,11s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
        exit 0
        ;;
    *) fail "unknown option $1. See --help." ;;
    esac
    shift
done

check_system() {
    [ "$dry_run" = yes ] || [ "$(id -u)" = 0 ] || fail "root is required. Type: sudo $0"
    [ -r /etc/os-release ] || fail "this is not Debian or Raspberry Pi OS."
    # shellcheck source=/dev/null
    case "$(. /etc/os-release && printf '%s %s' "${ID:-}" "${ID_LIKE:-}")" in
    *debian* | *raspbian*) ;;
    *) fail "this is not Debian or Raspberry Pi OS." ;;
    esac
    command -v systemctl >/dev/null || fail "this system does not run systemd."
    # A Pi's 32-bit system may run on a 64-bit kernel, so `uname -m` would not tell.
    local architecture
    architecture="$(dpkg --print-architecture)"
    [ "$action" = uninstall ] || case "$architecture" in
    armhf | armel | i386)
        fail "this is a 32-bit system ($architecture), and pygame-ce has no wheels for it. Install the 64-bit Raspberry Pi OS."
        ;;
    esac
}

installed() { dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q 'ok installed'; }

install_packages() {
    local package missing=() optional=()
    for package in "${needed[@]}"; do installed "$package" || missing+=("$package"); done
    for package in "${wanted[@]}"; do installed "$package" || optional+=("$package"); done
    if [ ${#missing[@]} = 0 ] && [ ${#optional[@]} = 0 ]; then
        say "System packages: all installed."
        return
    fi
    say "System packages: ${missing[*]} ${optional[*]}"
    export DEBIAN_FRONTEND=noninteractive
    if [ -n "$wheelhouse" ]; then
        local debs=("$wheelhouse"/*.deb)
        if [ -e "${debs[0]}" ]; then
            run apt-get install -y -qq --no-install-recommends "${debs[@]}"
        elif [ ${#missing[@]} -gt 0 ]; then
            fail "these packages are missing, and $wheelhouse has no .deb files: ${missing[*]}"
        else
            say "  no .deb files in $wheelhouse: names in some scripts may show as boxes."
        fi
        return
    fi
    run apt-get update -qq
    if [ ${#missing[@]} -gt 0 ]; then
        run apt-get install -y -qq --no-install-recommends "${missing[@]}"
    fi
    for package in "${optional[@]}"; do # one by one: a package that this system does not offer must not prevent the others
        run apt-get install -y -qq --no-install-recommends "$package" ||
            say "  $package could not be installed; the wheel works without it."
    done
}

install_users_and_directories() {
    say "Users, groups, directories."
    run install -D -m 0644 "$here/wheel-kiosk.sysusers.conf" "$etc/sysusers.d/wheel-kiosk.conf"
    run systemd-sysusers "$etc/sysusers.d/wheel-kiosk.conf"
    run install -D -m 0644 "$here/wheel-kiosk.tmpfiles.conf" "$etc/tmpfiles.d/wheel-kiosk.conf"
    run systemd-tmpfiles --create "$etc/tmpfiles.d/wheel-kiosk.conf"
    if [ ! -e "$home/kiosk/kiosk.toml" ]; then
        run install -D -m 0664 -o root -g wheel-admin "$source_dir/assets/kiosk.toml" "$home/kiosk/kiosk.toml"
    fi
    run install -D -m 0644 "$here/60-wheel-kiosk.rules" "$etc/udev/rules.d/60-wheel-kiosk.rules"
    local file
    for file in "${stick_files[@]}"; do
        run install -D -m 0644 "$here/${file%%:*}" "$etc/${file##*:}/${file%%:*}"
    done
    if [ -n "${SUDO_USER:-}" ] && [ "$SUDO_USER" != root ]; then
        run usermod -a -G wheel-admin "$SUDO_USER"
    fi
}

# Identifies the source of a release by a hash: an unchanged release is not built again.
fingerprint() {
    (
        cd "$source_dir"
        find kiosk tools assets pyproject.toml README.md LICENSE -type f ! -name '*.pyc' -print0 | sort -z |
            xargs -0 sha256sum
        python3 --version
        if [ -n "$wheelhouse" ]; then (cd "$wheelhouse" && sha256sum -- *.whl); fi
    ) | sha256sum | cut -c1-16
}

install_program() {
    local mark release
    mark="$(fingerprint)"
    release="$prefix/releases/$mark"
    if [ -e "$release/.complete" ] && [ "$(readlink "$prefix/current" || true)" = "releases/$mark" ]; then
        say "Program: $release is up to date."
        return
    fi
    say "Program: $release"
    run install -d -m 0755 "$prefix" "$prefix/releases" "$prefix/share"
    if [ ! -e "$release/.complete" ]; then
        run rm -rf "$release"
        # System packages are visible: GPIO support is one where PyPI has no wheel of it.
        run python3 -m venv --system-site-packages "$release"
        pip_install "$release"
        run sync # a power cut must not leave a release that only looks complete
        run touch "$release/.complete"
    fi
    # A single rename: at every moment there is a program to run.
    run ln -sfn "releases/$mark" "$prefix/current.new"
    run mv -T "$prefix/current.new" "$prefix/current"
    remove_old_releases "$mark"
}

pip_install() {
    local pip=("$1/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --only-binary lgpio)
    local from="$source_dir"
    if [ -n "$wheelhouse" ]; then
        pip+=(--no-index --find-links "$wheelhouse")
        from=wheel-kiosk
    fi
    if run "${pip[@]}" "${from}[pi,remote]" 2>/dev/null; then return; fi
    if run "${pip[@]}" "${from}[remote]" 2>/dev/null; then
        say "  PyPI has no wheel of lgpio for this Python; a GPIO button needs the system package python3-lgpio."
        return
    fi
    say "  Lists from elsewhere need packages that cannot be had here: aiohttp, fsspec, paramiko, s3fs."
    if ! run "${pip[@]}" "${from}[pi]" 2>/dev/null; then
        say "  PyPI has no wheel of lgpio for this Python; a GPIO button needs the system package python3-lgpio."
        run "${pip[@]}" "$from"
    fi
}

# Keeps two releases: the one in use, and the previous one to go back to.
remove_old_releases() {
    local old
    [ -d "$prefix/releases" ] || return 0
    find "$prefix/releases" -mindepth 1 -maxdepth 1 -type d ! -name "$1" -printf '%T@ %p\n' | sort -rn | tail -n +2 |
        cut -d' ' -f2- | while read -r old; do run rm -rf "$old"; done
}

write_file() { # write_file PATH MODE, content from stdin
    if [ "$dry_run" = yes ]; then
        printf '  would write: %s\n' "$1"
        cat >/dev/null
    else
        cat >"$1.new"
        chmod "$2" "$1.new"
        mv "$1.new" "$1"
    fi
}

install_commands() {
    local command
    for command in wheel-kiosk wheel-admin wheel-fetch; do
        write_file "/usr/local/bin/$command" 0755 <<END
#!/bin/sh
export WHEEL_HOME="\${WHEEL_HOME:-$home}"
exec $prefix/current/bin/$command "\$@"
END
    done
    run install -D -m 0644 "$here/RUNBOOK.md" "$prefix/share/RUNBOOK.md"
    run install -D -m 0755 "$here/install.sh" "$prefix/share/install.sh"
    run install -D -m 0755 "$here/wheel-stick" "$prefix/share/wheel-stick"
}

remove_units() {
    local unit
    for unit in "$@"; do
        [ -e "$etc/systemd/system/$unit" ] || continue
        if systemd_runs; then run systemctl disable --quiet --now "$unit"; else run systemctl disable --quiet "$unit"; fi
        run rm -f "$etc/systemd/system/$unit"
    done
}

install_units() {
    local unit
    say "Services."
    remove_units "${old_units[@]}"
    for unit in "${units[@]}"; do run install -D -m 0644 "$here/$unit" "$etc/systemd/system/$unit"; done
    run install -d -m 0755 "$state"
    # Nothing else may use the first console and the display.
    run systemctl mask --quiet getty@tty1.service
    if [ "$(systemctl get-default)" = graphical.target ]; then
        say "  the system now boots to the console; --uninstall restores the desktop."
        printf 'graphical.target\n' | write_file "$state/default-target" 0644
        run systemctl set-default --quiet multi-user.target
    fi
    run systemctl enable --quiet "${units[@]}"
    systemd_runs || return 0
    run systemctl daemon-reload
    [ "$start" = yes ] || return 0
    run udevadm control --reload
    run udevadm trigger --subsystem-match=gpio
    if systemctl is-active --quiet display-manager.service; then run systemctl stop display-manager.service; fi
    run systemctl stop getty@tty1.service
    run systemctl restart --no-block "${units[@]}"
}

link_metrics() {
    # node_exporter reads the *.prom files of one directory; the kiosk writes to another.
    local collector=/var/lib/prometheus/node-exporter
    if [ -d "$collector" ]; then run ln -sfn /run/wheel-kiosk/wheel-kiosk.prom "$collector/wheel-kiosk.prom"; fi
}

uninstall() {
    local target=
    say "Removing wheel-kiosk. Lists, ledger and keys in $home are kept."
    remove_units "${units[@]}" "${old_units[@]}"
    run systemctl unmask --quiet getty@tty1.service
    if [ -e "$state/default-target" ]; then
        target="$(cat "$state/default-target")"
        run systemctl set-default --quiet "$target"
    fi
    run rm -rf "$prefix" "$state" /var/cache/wheel-kiosk /var/cache/wheel-soak
    run rm -f /usr/local/bin/wheel-kiosk /usr/local/bin/wheel-admin /usr/local/bin/wheel-fetch "$etc/udev/rules.d/60-wheel-kiosk.rules" \
        "$etc/udev/rules.d/61-wheel-stick.rules" "$etc/systemd/system/wheel-stick@.service" \
        "$etc/tmpfiles.d/wheel-kiosk.conf" "$etc/sysusers.d/wheel-kiosk.conf" \
        /var/lib/prometheus/node-exporter/wheel-kiosk.prom
    if systemd_runs; then
        run systemctl daemon-reload
        run systemctl start --no-block getty@tty1.service
    fi
    # Users and groups stay too: they own the files that stay.
    say "Removed. To delete the data as well: sudo rm -r $home"
}

check_system
[ "$dry_run" = no ] || say "Dry run; nothing is changed. This would be done:"
if [ "$action" = uninstall ]; then
    uninstall
    exit 0
fi
install_packages
install_users_and_directories
install_program
install_commands
install_units
link_metrics
say "Done. The wheel is on the screen, or will be after the next boot."
say "Log out and in again, and then:  sudo wheel-admin init; wheel-admin import people.xlsx; wheel-admin publish"
say "If something is wrong:  sudo wheel-kiosk doctor"
