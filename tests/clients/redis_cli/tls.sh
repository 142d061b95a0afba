# tls.sh <port> <user> <password> <CA> <certificate> <key>: a login with a password, one with a certificate, and a password over a
# connection with a certificate
port=$1 user=$2 password=$3 ca=$4 cert=$5 key=$6
echo "password: $(redis-cli --no-auth-warning --tls --cacert "$ca" -u "rediss://$user:$password@localhost:$port" acl whoami)"
echo "certificate: $(redis-cli --tls --cacert "$ca" --cert "$cert" --key "$key" -h localhost -p "$port" acl whoami)"
echo "both: $(redis-cli --no-auth-warning --tls --cacert "$ca" --cert "$cert" --key "$key" -u "rediss://$user:$password@localhost:$port" acl whoami)"
