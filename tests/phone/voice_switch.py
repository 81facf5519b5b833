"""A switch with one access port for phones and one for the server, nobody's code but this: the
voice VLAN is tagged towards the phones and untagged towards the server, and whoever asks by CDP is
told the VLAN. Usage: voice_switch.py PHONES-INTERFACE SERVER-INTERFACE VLAN; "offload IF" instead
finishes checksums and segments in the sender, as a real card does."""
import array, fcntl, select, socket, struct, sys

AUXDATA, SOL_PACKET, ETH_P_ALL, OUTGOING = 8, 263, 3, 4


def no_offload(name):
    for command in (0x17, 0x1F, 0x24):  # ETHTOOL_STXCSUM, STSO, SGSO
        value = array.array("B", struct.pack("II", command, 0))
        request = struct.pack("16sP", name.encode(), value.buffer_info()[0])
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
            fcntl.ioctl(any_socket, 0x8946, request)


def port(name):
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    s.setsockopt(SOL_PACKET, AUXDATA, 1)
    s.bind((name, ETH_P_ALL))
    return s


def receive(s):
    """A frame and its VLAN, None where it has none; nothing for what we sent ourselves."""
    frame, control, _, address = s.recvmsg(2048, 256)
    if address[2] == OUTGOING:
        return b"", None
    for level, kind, data in control:
        if level == SOL_PACKET and kind == AUXDATA:
            status, _, _, _, _, tci, _ = struct.unpack("IIIHHHH", data[:20])
            return frame, tci & 0xFFF if status & 0x10 else None
    return frame, None


def tlv(kind, value):
    return struct.pack(">HH", kind, 4 + len(value)) + value


def checksum(data):
    total = sum(struct.unpack(">%dH" % (len(data) // 2), data[: len(data) // 2 * 2]))
    total += data[-1] if len(data) % 2 else 0
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def cdp(vlan):
    body = tlv(1, b"Switch3") + tlv(3, b"Fa0/12") + tlv(4, struct.pack(">I", 0x28)) + tlv(6, b"cisco WS-C3560-8PC")
    body += tlv(0x0B, b"\1") + tlv(0x0E, struct.pack(">BH", 1, vlan))
    packet = struct.pack(">BBH", 2, 180, checksum(struct.pack(">BBH", 2, 180, 0) + body)) + body
    llc = bytes.fromhex("aaaa0300000c2000") + packet
    return bytes.fromhex("01000ccccccc0018ba98688f") + struct.pack(">H", len(llc)) + llc


if sys.argv[1] == "offload":
    no_offload(sys.argv[2])
    sys.exit(0)
phones, server, vlan = port(sys.argv[1]), port(sys.argv[2]), int(sys.argv[3])
print("up", flush=True)
while True:
    for s in select.select([phones, server], [], [])[0]:
        frame, tag = receive(s)
        if s is server and frame:
            phones.send(frame[:12] + struct.pack(">HH", 0x8100, vlan) + frame[12:])
        elif s is phones and tag == vlan:
            server.send(frame)
        elif s is phones and frame[:6] == bytes.fromhex("01000ccccccc"):
            phones.send(cdp(vlan))
