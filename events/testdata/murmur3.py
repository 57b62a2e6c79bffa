"""Where the numbers of partition_test.go and record_test.go come from.

murmur3, x64, 128 bits, seed 0, written down from the published algorithm and
not from the Go library under test. Run: python3 testdata/murmur3.py
"""

MASK = (1 << 64) - 1
C1, C2 = 0x87C37B91114253D5, 0x4CF5AD432745937F


def rotate(x, r):
    return (x << r | x >> 64 - r) & MASK


def mix(k):
    k ^= k >> 33
    k = k * 0xFF51AFD7ED558CCD & MASK
    k ^= k >> 33
    k = k * 0xC4CEB9FE1A85EC53 & MASK
    return k ^ k >> 33


def murmur3(data):
    h1 = h2 = 0
    whole = len(data) - len(data) % 16
    for i in range(0, whole, 16):
        k1 = int.from_bytes(data[i : i + 8], "little")
        k2 = int.from_bytes(data[i + 8 : i + 16], "little")
        h1 ^= rotate(k1 * C1 & MASK, 31) * C2 & MASK
        h1 = ((rotate(h1, 27) + h2) * 5 + 0x52DCE729) & MASK
        h2 ^= rotate(k2 * C2 & MASK, 33) * C1 & MASK
        h2 = ((rotate(h2, 31) + h1) * 5 + 0x38495AB5) & MASK
    tail = data[whole:]
    h2 ^= rotate(int.from_bytes(tail[8:], "little") * C2 & MASK, 33) * C1 & MASK
    h1 ^= rotate(int.from_bytes(tail[:8], "little") * C1 & MASK, 31) * C2 & MASK
    h1 ^= len(data)
    h2 ^= len(data)
    h1 = h1 + h2 & MASK
    h2 = h2 + h1 & MASK
    h1, h2 = mix(h1), mix(h2)
    h1 = h1 + h2 & MASK
    return h1, h2 + h1 & MASK


def varint(n):
    out = b""
    while n >= 128:
        out, n = out + bytes([n & 127 | 128]), n >> 7
    return out + bytes([n])


def text(s):
    b = s.encode()
    return varint(len(b)) + b


def signed(x):
    return x - (1 << 64) if x >> 63 else x


if __name__ == "__main__":
    for key in ["", "a", "u1", "user-123456", "用户甲", "SKU 22423 RED", "0123456789abcdef", "0123456789abcdefg", "x" * 256]:
        print(repr(key), murmur3(key.encode())[0] % 1024)
    for source, id, kind, index, trusted in [
        ("shop", "e1", "user", 0, False),
        ("shop", "e1", "user", 0, True),
        ("shop", "e1", "sku", 0, True),
        ("shop", "e1", "sku", 300, True),
        ("import", "用户", "none", 0, True),
    ]:
        named = text(source) + text(id) + text(kind) + varint(index) + (b"\x01" if trusted else b"")
        print(source, id, kind, index, trusted, *map(signed, murmur3(named)))
