package picture_test

import "encoding/base64"

func base64Text(data []byte) string { return base64.StdEncoding.EncodeToString(data) }
