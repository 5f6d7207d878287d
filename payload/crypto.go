package payload

import (
	"crypto/sha256"
	"math/big"
	"strings"
)

// coins are the URI schemes of wallets (BIP 21 and its kin).
var coins = map[string]bool{
	"bitcoin": true, "bitcoincash": true, "ethereum": true, "litecoin": true, "dogecoin": true, "dash": true, "monero": true,
	"lightning": true, "lnurl": true, "lnurlp": true, "lnurlw": true, "solana": true, "ripple": true, "xrpl": true, "tron": true,
	"cardano": true, "polkadot": true, "stellar": true, "tezos": true, "zcash": true, "ton": true, "usdt": true,
}

// cryptoURI reads a wallet's link. The address behind it is checked where its form has a checksum that we know.
func cryptoURI(scheme, rest string) (Payload, bool) {
	if scheme == "wc" { // WalletConnect (ERC-1328) ties the wallet to whoever made the code
		return Payload{Kind: DeviceLink, Valid: strings.Contains(rest, "@")}, true
	}
	if !coins[scheme] {
		return Payload{}, false
	}
	address := strings.TrimLeft(rest, "/")
	if i := strings.IndexAny(address, "?@/&"); i >= 0 {
		address = address[:i]
	}
	valid := len(address) >= 20 && len(address) <= 2048
	if scheme == "bitcoin" || scheme == "litecoin" || scheme == "ethereum" {
		valid = isCryptoAddress(strings.TrimPrefix(address, "pay-"))
	}
	return Payload{Kind: Crypto, Valid: valid}, true
}

// cryptoAddress reads a bare address or Lightning invoice; only one that checks, or any serial number would be money.
func cryptoAddress(text string) (Payload, bool) {
	return Payload{Kind: Crypto, Valid: true}, isCryptoAddress(text)
}

func isCryptoAddress(text string) bool {
	lower := strings.ToLower(text)
	if strings.HasPrefix(lower, "0x") {
		return len(text) == 42 && strings.Trim(lower[2:], "0123456789abcdef") == ""
	}
	for _, human := range []string{"bc", "tb", "ltc", "lnbc", "lnurl"} {
		if strings.HasPrefix(lower, human) && isBech32(text) {
			return true
		}
	}
	return isBase58Check(text)
}

// isBase58Check checks an address of 20 bytes with its version and checksum, as Bitcoin, Litecoin, Dogecoin and Tron
// write it.
func isBase58Check(text string) bool {
	const alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
	if len(text) < 25 || len(text) > 36 {
		return false
	}
	n, base := new(big.Int), big.NewInt(58)
	for i := range len(text) {
		digit := strings.IndexByte(alphabet, text[i])
		if digit < 0 {
			return false
		}
		n.Add(n.Mul(n, base), big.NewInt(int64(digit)))
	}
	if n.BitLen() > 25*8 {
		return false
	}
	var data [25]byte
	n.FillBytes(data[:])
	first := sha256.Sum256(data[:21])
	second := sha256.Sum256(first[:])
	return string(second[:4]) == string(data[21:])
}

// isBech32 checks the checksum of BIP 173 and BIP 350.
func isBech32(text string) bool {
	const alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
	lower := strings.ToLower(text)
	if text != lower && text != strings.ToUpper(text) {
		return false
	}
	sep := strings.LastIndexByte(lower, '1')
	if sep < 1 || len(lower)-sep < 7 || len(lower) > 2048 {
		return false
	}
	sum := uint32(1)
	for i := range sep {
		sum = bech32Step(sum, lower[i]>>5)
	}
	sum = bech32Step(sum, 0)
	for i := range sep {
		sum = bech32Step(sum, lower[i]&31)
	}
	for i := sep + 1; i < len(lower); i++ {
		digit := strings.IndexByte(alphabet, lower[i])
		if digit < 0 {
			return false
		}
		sum = bech32Step(sum, byte(digit))
	}
	return sum == 1 || sum == 0x2bc830a3
}

func bech32Step(sum uint32, value byte) uint32 {
	top := sum >> 25
	sum = sum&0x1ffffff<<5 ^ uint32(value)
	for i, generator := range []uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3} {
		if top>>i&1 == 1 {
			sum ^= generator
		}
	}
	return sum
}
