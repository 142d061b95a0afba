package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"

	"github.com/redis/go-redis/v9"
)

func main() {
	port, user, password, ca, cert, key := os.Args[1], os.Args[2], os.Args[3], os.Args[4], os.Args[5], os.Args[6]
	pem, err := os.ReadFile(ca)
	if err != nil {
		panic(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		panic(err)
	}
	url := fmt.Sprintf("rediss://%s:%s@localhost:%s", user, password, port)
	fmt.Println("password:", whoAmI(url, roots, nil))
	own := []tls.Certificate{pair}
	fmt.Println("certificate:", whoAmI("rediss://localhost:"+port, roots, own))
	fmt.Println("both:", whoAmI(url, roots, own))
}

func whoAmI(url string, roots *x509.CertPool, certificates []tls.Certificate) string {
	options, err := redis.ParseURL(url)
	if err != nil {
		panic(err)
	}
	options.TLSConfig.RootCAs = roots
	options.TLSConfig.Certificates = certificates
	client := redis.NewClient(options)
	defer client.Close()
	name, err := client.Do(context.Background(), "ACL", "WHOAMI").Text()
	if err != nil {
		panic(err)
	}
	return name
}
