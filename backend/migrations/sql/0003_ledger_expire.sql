-- Month's end: what has passed its day goes to its programme's `expired` account, a batch of accounts at a time.
-- A batch that is cut off leaves nothing; the next one finds what is still due. `amount` answers how much has expired.

CREATE FUNCTION ledger_expire(p_head jsonb, p_limit int) RETURNS ledger_answer LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    t journal_transaction := jsonb_populate_record(NULL::journal_transaction, p_head);
    ids bigint[];
    sinks bigint[] := '{}';
    sink record;
    lot_ids bigint[];
    takes bigint[];
BEGIN
    ids := ARRAY(SELECT DISTINCT account_id FROM (
        SELECT account_id FROM lot
        WHERE is_open AND expires_on < t.effective_on AND remaining > held ORDER BY expires_on, id LIMIT p_limit
    ) AS due);
    FOR sink IN
        SELECT DISTINCT asset, programme FROM lot JOIN ledger_account a ON a.id = account_id
        WHERE account_id = ANY (ids) AND is_open AND expires_on < t.effective_on ORDER BY asset, programme
    LOOP
        sinks := sinks || ledger_account_id(sink.asset, sink.programme, 'expired', 0::smallint, 0, false);
    END LOOP;
    PERFORM ledger_lock(ids || sinks);
    SELECT array_agg(id), array_agg(remaining - held), sum(remaining - held) INTO lot_ids, takes, t.amount FROM lot
    WHERE account_id = ANY (ids) AND is_open AND expires_on < t.effective_on AND remaining > held;
    IF lot_ids IS NULL THEN
        RETURN ('nothing', NULL, 0)::ledger_answer;
    END IF;
    t.digest := ledger_begin(t);
    INSERT INTO lot_allocation (transaction_id, lot_id, consumed, held)
    SELECT t.id, lot_id, take, 0 FROM unnest(lot_ids, takes) AS one (lot_id, take);
    UPDATE lot SET remaining = held, is_open = held > 0 WHERE id = ANY (lot_ids);
    PERFORM ledger_append(
        t.id, t.digest, array_agg(account_id), array_agg(amount), array_agg(0::bigint), array_agg(0::bigint)
    ) FROM (
        SELECT account_id, -sum(take)::bigint AS amount
        FROM lot JOIN unnest(lot_ids, takes) AS one (lot_id, take) ON id = one.lot_id GROUP BY account_id
        UNION ALL
        SELECT gone.id, sum(take)::bigint
        FROM lot JOIN unnest(lot_ids, takes) AS one (lot_id, take) ON lot.id = one.lot_id
        JOIN ledger_account a ON a.id = account_id
        JOIN ledger_account gone
            ON gone.asset = a.asset AND gone.owner = programme AND gone.purpose = 'expired' AND gone.shard = 0
        GROUP BY gone.id
    ) AS leg;
    RETURN ('new', t.id, t.amount)::ledger_answer;
END $$;
