-- Roles whose path has become known. No inputs, no rows.
UPDATE principal SET same_as = b.better FROM principal_path b
WHERE b.principal = principal.id AND b.better IS NOT principal.same_as
