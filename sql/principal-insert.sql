-- A new principal. :arn :account :permission_set TEXT, :type :editable :path_unknown INTEGER. No rows.
INSERT INTO principal (arn, type, account, editable, permission_set, path_unknown)
VALUES (:arn, :type, :account, :editable, :permission_set, :path_unknown)
